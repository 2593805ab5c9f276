/**
 * Reads what a server sends and does as little as it can with it: while the clock runs, a message is
 * a header to skip over and one more to count. Its bytes are kept only when answers are checked.
 */
import { mask, opcodes } from './frames.mjs';

const LONGEST_HEADER = 14;

function extendedLength(bytes, at, indicator) {
  if (indicator === 126) return bytes.readUInt16BE(at + 2);
  return Number(bytes.readBigUInt64BE(at + 2));
}

const lengthBytes = (indicator) => (indicator < 126 ? 0 : indicator === 126 ? 2 : 8);

export class FrameReader {
  /** Set to an array to keep messages: `{ payload, compressed }`. */
  kept = undefined;
  /** Length of a text message that is a heartbeat of the dialect, or -1. */
  heartbeatBytes = -1;

  #left = -1; // payload bytes still to come, -1 between frames
  #first = 0;
  #key = undefined;
  #aside = false; // a control frame, or a heartbeat: not an answer
  #parts = undefined;
  #message = [];
  #compressed = false;
  #header = Buffer.alloc(LONGEST_HEADER);
  #headerBytes = 0;
  #onControl;

  constructor(onControl) {
    this.#onControl = onControl;
  }

  /** @returns how many messages these bytes complete */
  read(bytes, from, to) {
    let messages = 0;
    for (let at = from; at < to;) {
      if (this.#left < 0) at = this.#readHeader(bytes, at, to);
      if (this.#left < 0) break;
      const end = Math.min(to, at + this.#left);
      if (this.#parts !== undefined) this.#parts.push(Buffer.from(bytes.subarray(at, end)));
      this.#left -= end - at;
      at = end;
      if (this.#left === 0) messages += this.#endFrame();
    }
    return messages;
  }

  #readHeader(bytes, at, to) {
    if (this.#headerBytes === 0 && to - at >= LONGEST_HEADER) return at + this.#parse(bytes, at);
    let next = at;
    while (next < to) {
      this.#header[this.#headerBytes++] = bytes[next++];
      if (this.#headerBytes < 2 || this.#headerBytes < this.#headerLength()) continue;
      this.#headerBytes = 0;
      this.#parse(this.#header, 0);
      break;
    }
    return next;
  }

  #headerLength() {
    const second = this.#header[1];
    return 2 + lengthBytes(second & 127) + (second & 128 ? 4 : 0);
  }

  #parse(bytes, at) {
    this.#first = bytes[at];
    const second = bytes[at + 1];
    const indicator = second & 127;
    const length = indicator < 126 ? indicator : extendedLength(bytes, at, indicator);
    const keyAt = at + 2 + lengthBytes(indicator);
    const masked = second > 127;
    this.#left = length;
    this.#aside = (this.#first & 8) !== 0 || length === this.heartbeatBytes;
    const keep = this.#aside || this.kept !== undefined;
    this.#parts = keep ? [] : undefined;
    this.#key = masked && keep ? Buffer.from(bytes.subarray(keyAt, keyAt + 4)) : undefined;
    return keyAt - at + (masked ? 4 : 0);
  }

  #endFrame() {
    this.#left = -1;
    const final = this.#first > 127;
    if (this.#aside) return this.#endControl();
    if (this.#parts !== undefined) this.#keep(final);
    return final ? 1 : 0;
  }

  #payload() {
    const payload = Buffer.concat(this.#parts);
    return this.#key === undefined ? payload : mask(payload, this.#key);
  }

  #endControl() {
    const opcode = this.#first & 15;
    this.#onControl(opcode === opcodes.text ? opcodes.ping : opcode, this.#payload());
    return 0;
  }

  #keep(final) {
    if ((this.#first & 15) !== 0) this.#compressed = (this.#first & 0x40) !== 0;
    this.#message.push(this.#payload());
    if (!final) return;
    this.kept?.push({ payload: Buffer.concat(this.#message), compressed: this.#compressed });
    this.#message = [];
  }
}
