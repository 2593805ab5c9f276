import { BadRequestException, ForbiddenException } from '@nestjs/common';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { CursorState } from './document.protocol.js';

/** Pages say every 15 s that they are still there; y-protocols takes one for gone after 30. */
const SILENT_MS = 30_000;

interface Cursor {
  /** What Yjs calls the client: one opened page. */
  readonly client: number;
  readonly clock: number;
  /** JSON, for the pages only; `null` when the page is gone. */
  readonly state: string;
}

interface Seen extends Cursor {
  readonly seenAt: number;
}

/** Who is there and where, in the encoding of y-protocols/awareness. The newest of each is kept for newcomers. */
export class Cursors {
  private readonly seen = new Map<number, Seen>();

  /** Of all who were heard of lately. */
  get all(): Uint8Array {
    const earliest = Date.now() - SILENT_MS;
    for (const [client, { seenAt }] of this.seen) if (seenAt < earliest) this.seen.delete(client);
    return encode([...this.seen.values()]);
  }

  /**
   * @param owned the only one that may be moved; undefined: any
   * @returns whose it is
   * @throws BadRequestException for anything but one cursor; ForbiddenException for another's
   */
  put(bytes: Uint8Array, owned?: number): number {
    const cursor = decode(bytes);
    if ((owned ?? cursor.client) !== cursor.client) throw new ForbiddenException('This cursor is not yours');
    if (cursor.state === 'null') this.seen.delete(cursor.client);
    else this.seen.set(cursor.client, { ...cursor, seenAt: Date.now() });
    return cursor.client;
  }

  /** @returns what tells the others; undefined if they have been told */
  remove(client: number): Uint8Array | undefined {
    const cursor = this.seen.get(client);
    this.seen.delete(client);
    return cursor && encode([{ ...cursor, clock: cursor.clock + 1, state: 'null' }]);
  }
}

function decode(bytes: Uint8Array): Cursor {
  try {
    const decoder = decoding.createDecoder(bytes);
    if (decoding.readVarUint(decoder) !== 1) throw new RangeError('not one cursor');
    const [client, clock] = [decoding.readVarUint(decoder), decoding.readVarUint(decoder)];
    const state = JSON.stringify(CursorState.parse(JSON.parse(decoding.readVarString(decoder))));
    return { client, clock, state };
  } catch (cause) {
    throw new BadRequestException('These bytes are not one cursor', { cause });
  }
}

function encode(cursors: readonly Cursor[]): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, cursors.length);
  for (const { client, clock, state } of cursors) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, state);
  }
  return encoding.toUint8Array(encoder);
}
