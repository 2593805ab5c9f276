/**
 * A message on its way in: the payloads of its frames, unmasked straight into one buffer that grows with
 * what really came. Nothing of a read buffer is kept, whatever sizes the peer chose for frames and
 * writes, so that memory follows bytes and not parts.
 */
import { maskInto, rotateKey } from './mask.js';
import { Opcode } from './opcode.js';
import { validateUtf8Prefix } from './utf8.js';
import { invalidUtf8, tooBig } from './websocket-error.js';

/** What a peer can make us allocate by declaring a length, before any byte of it has come. */
const FIRST_BUFFER_BYTES = 64 * 1024;
const GROWTH = 4;

export class MessageAssembly {
  length = 0;
  fragments = 0;
  private bytes: Buffer | undefined;
  private chunks = 0;
  private validated = 0;
  private readonly checksText: boolean;

  constructor(
    readonly opcode: number,
    readonly rsv: number,
  ) {
    // What an extension has transformed is text only after it was transformed back
    this.checksText = opcode === Opcode.text && rsv === 0;
  }

  /** @throws WebSocketError 1009 */
  beginFragment(maxFragments: number): void {
    if (++this.fragments <= maxFragments) return;
    throw tooBig(
      'WS_ERR_TOO_MANY_BUFFERED_PARTS',
      `message of ${this.fragments} fragments exceeds the limit of ${maxFragments}`,
    );
  }

  /**
   * Takes `count` bytes of a payload, of which `remaining` (these included) are still to come.
   * @throws WebSocketError 1009 beyond `maxChunks` arrivals, 1007 as soon as the text can't be UTF-8
   */
  append(
    chunk: Buffer,
    at: number,
    count: number,
    key: number,
    phase: number,
    remaining: number,
    last: boolean,
    maxChunks: number,
  ): void {
    if (++this.chunks > maxChunks) {
      throw tooBig(
        'WS_ERR_TOO_MANY_BUFFERED_PARTS',
        `message in more than ${maxChunks} chunks exceeds the limit`,
      );
    }
    const bytes = this.room(count, remaining, last);
    maskInto(chunk, at, count, rotateKey(key, phase), bytes, this.length);
    this.length += count;
    if (this.checksText) this.validate(bytes);
  }

  private room(count: number, remaining: number, last: boolean): Buffer {
    const needed = this.length + count;
    if (this.bytes !== undefined && this.bytes.length >= needed) return this.bytes;
    // A frame without FIN promises more: room for as much again keeps copying linear
    const expected = (this.length + remaining) * (last ? 1 : 2);
    const grown = Math.max(FIRST_BUFFER_BYTES, needed * GROWTH);
    const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(expected, grown)));
    if (this.bytes !== undefined) larger.set(this.bytes.subarray(0, this.length));
    return (this.bytes = larger);
  }

  private validate(bytes: Buffer): void {
    this.validated = validateUtf8Prefix(bytes, this.validated, this.length);
    if (this.validated < 0) throw invalidUtf8('text message');
  }

  /** @throws WebSocketError 1007 when the text ends inside a code point */
  finish(): Buffer {
    if (this.checksText && this.validated !== this.length) throw invalidUtf8('text message');
    return this.bytes === undefined ? Buffer.alloc(0) : this.bytes.subarray(0, this.length);
  }
}
