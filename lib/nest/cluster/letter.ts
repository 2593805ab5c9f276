/**
 * What nodes write to each other. A head of 22 bytes, then a body that depends on the kind:
 *
 *   version (1) · kind (1) · the sender's node id (12) · which tunnel or call (4) · its number in that tunnel (4)
 *
 * Whoever can write to the broker can write to a mailbox, and another version of the application may: what is not
 * of this form is nothing.
 */
import { isNodeId } from '../../session/index.js';

const VERSION = 1;
const NODE_CHARS = 12;
const HEAD_BYTES = 2 + NODE_CHARS + 8;
/** Of a letter with its head. */
export const MAX_LETTER_BYTES = 1024 * 1024;

/** Literal numbers: they are on the wire. */
export const Kind = {
  /** "I have these tunnels to you": a sign of life, with the ledger of them. */
  alive: 1,
  /** JSON: who is at the other end. */
  open: 2,
  /** The answer to `open`. */
  accepted: 3,
  refused: 4,
  data: 5,
  /** Four bytes: how much was taken, and may come again. */
  credit: 6,
  /** No more data this way. */
  end: 7,
  /** The tunnel is over, both ways. */
  reset: 8,
  /** JSON: something to do, and what came of it. */
  call: 9,
  answer: 10,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

const KINDS: ReadonlySet<number> = new Set(Object.values(Kind));

export interface Letter {
  readonly kind: Kind;
  readonly from: string;
  readonly id: number;
  readonly number: number;
  readonly body: Buffer;
}

const NOTHING = Buffer.alloc(0);

export function writeLetter({ kind, from, id, number, body }: Letter): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head[0] = VERSION;
  head[1] = kind;
  head.write(from, 2, NODE_CHARS, 'latin1');
  head.writeUInt32BE(id, 2 + NODE_CHARS);
  head.writeUInt32BE(number, 6 + NODE_CHARS);
  return body.length === 0 ? head : Buffer.concat([head, body]);
}

/** @returns undefined for what is no letter of this version */
export function readLetter(bytes: Uint8Array): Letter | undefined {
  const { buffer, byteOffset, length } = bytes;
  if (length < HEAD_BYTES || length > MAX_LETTER_BYTES) return undefined;
  const text = Buffer.from(buffer, byteOffset, length);
  const from = text.toString('latin1', 2, 2 + NODE_CHARS);
  if (text[0] !== VERSION || !KINDS.has(text[1]!) || !isNodeId(from)) return undefined;
  return {
    kind: text[1] as Kind,
    from,
    id: text.readUInt32BE(2 + NODE_CHARS),
    number: text.readUInt32BE(6 + NODE_CHARS),
    body: length === HEAD_BYTES ? NOTHING : text.subarray(HEAD_BYTES),
  };
}

/** @returns undefined for a body that is no JSON object */
export function readJsonBody({ body }: Letter): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(body.toString()) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
