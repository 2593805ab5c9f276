/**
 * The body of a sign of life: which tunnels the sender has, and how many letters it has written in each. Letters of
 * one sender arrive in order, so whoever reads it has got as many, or some are lost. Without it the loss of a
 * tunnel's last letter would never show: nothing follows that would have the wrong number.
 */

/** The id in the sender's letters, and how many there were. */
type Entry = readonly [id: number, sent: number];

const ENTRY_BYTES = 8;
/** More do not fit into a letter. */
const MAX_ENTRIES = 100_000;
const NOTHING_SAID = Buffer.alloc(1);

export function writeLedger(entries: readonly Entry[]): Buffer {
  if (entries.length > MAX_ENTRIES) return NOTHING_SAID;
  const body = Buffer.allocUnsafe(entries.length * ENTRY_BYTES);
  for (const [i, [id, sent]] of entries.entries()) {
    body.writeUInt32BE(id, i * ENTRY_BYTES);
    body.writeUInt32BE(sent, i * ENTRY_BYTES + 4);
  }
  return body;
}

/** @returns undefined when nothing is said, and for what is no ledger */
export function readLedger(body: Buffer): ReadonlyMap<number, number> | undefined {
  if (body.length % ENTRY_BYTES !== 0) return undefined;
  const ledger = new Map<number, number>();
  for (let at = 0; at < body.length; at += ENTRY_BYTES) {
    ledger.set(body.readUInt32BE(at), body.readUInt32BE(at + 4));
  }
  return ledger;
}
