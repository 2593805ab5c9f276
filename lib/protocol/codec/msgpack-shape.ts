/**
 * Looks over a MessagePack message before anything of it is made.
 *
 * Theory of operation. A header of five bytes may declare an array of 2^32 elements, and a decoder makes room
 * for them when it reads the header: nested, a few kilobytes of headers ask for gigabytes. Each value takes a
 * byte at least, so a message is honest as long as the values that are still due, in all open containers
 * together, are no more than the bytes that are left. Then all arrays together have at most as many elements
 * as the message has bytes. What is within values (type bytes, UTF-8, keys) is the decoder's business.
 */

/** A container within a container, and so on. As many as the encoder would write. */
export const MAX_DEPTH = 100;

const FIRST_LONG_HEAD = 0xc0;
/** From 0xc0 on: bytes of a fixed size behind the head. 0xc7 to 0xc9 and 0xd4 to 0xd8 have an extension's type. */
const FIXED_BYTES = [
  0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, 0, 0, 0, 0, 0, 0, 0,
];
/** From 0xc0 on: bytes of a length behind the head. */
const LENGTH_BYTES = [
  0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4,
];
const ARRAY_16 = 0xdc;
const MAP_16 = 0xde;

/** @returns what is wrong, or undefined */
export function findBadShape(bytes: Uint8Array, maxDepth = MAX_DEPTH): string | undefined {
  const walk = new Walk(bytes);
  while (walk.due > 0) {
    if (walk.due > walk.bytesLeft) return `message of ${bytes.length} bytes declares more than that`;
    if (walk.depth > maxDepth) return `message is nested deeper than ${maxDepth}`;
    walk.readValue();
  }
  return undefined;
}

class Walk {
  /** Values still to come. */
  due = 1;
  private at = 0;
  /** Values still to come in each open container, the innermost last. */
  private readonly open: number[] = [];

  constructor(private readonly bytes: Uint8Array) {}

  get bytesLeft(): number {
    return this.bytes.length - this.at;
  }

  /** Of the next value; the message itself has 1. */
  get depth(): number {
    return this.open.length + 1;
  }

  readValue(): void {
    const head = this.bytes[this.at++]!;
    const children = head < FIRST_LONG_HEAD ? this.readShort(head) : this.readLong(head);
    this.due += children - 1;
    if (children > 0) this.open.push(children);
    else this.closeValue();
  }

  /** Integers, and everything whose length is in its head. @returns the number of values within */
  private readShort(head: number): number {
    if (head < 0x80 || head >= 0xe0) return 0;
    if (head < 0x90) return 2 * (head - 0x80);
    if (head < 0xa0) return head - 0x90;
    this.at += head - 0xa0;
    return 0;
  }

  private readLong(head: number): number {
    const row = head - FIRST_LONG_HEAD;
    if (row >= FIXED_BYTES.length) return 0; // a negative integer in its head
    const length = this.readLength(LENGTH_BYTES[row]!);
    this.at += FIXED_BYTES[row]!;
    if (head >= MAP_16) return 2 * length;
    if (head >= ARRAY_16) return length;
    this.at += length;
    return 0;
  }

  private readLength(size: number): number {
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + (this.bytes[this.at++] ?? 0);
    return length;
  }

  private closeValue(): void {
    while (this.open.length > 0) {
      const left = this.open.pop()! - 1;
      if (left > 0) return void this.open.push(left);
    }
  }
}
