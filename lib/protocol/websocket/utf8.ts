/**
 * UTF-8 as it streams in, RFC 6455 §8.1 and RFC 3629. The bytes of a text message lie in one growing
 * buffer; after each arrival the part that is certain by now is checked by `buffer.isUtf8`, and the at
 * most three bytes of a code point that is still on its way by the rules below, so that a message fails
 * at the first octet which no continuation could mend, not at its end.
 */
import { isUtf8 } from 'node:buffer';

/**
 * Checks `bytes` from `from` (the end of the last certain code point) to `to`.
 * @returns the position up to which the text is certain, or -1 when it can't become valid any more
 */
export function validateUtf8Prefix(bytes: Buffer, from: number, to: number): number {
  const certain = to - incompleteTail(bytes, from, to);
  if (certain > from && !isUtf8(bytes.subarray(from, certain))) return -1;
  return certain === to || isPossiblePrefix(bytes, certain, to) ? certain : -1;
}

/** How many bytes at the end begin a code point that needs more bytes than are there. */
function incompleteTail(bytes: Buffer, from: number, to: number): number {
  const lookBack = Math.min(3, to - from);
  for (let back = 1; back <= lookBack; back++) {
    const byte = bytes[to - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

/** RFC 3629 §4: which lead bytes exist, and which second bytes may follow some of them. */
function isPossiblePrefix(bytes: Buffer, at: number, to: number): boolean {
  const lead = bytes[at]!;
  if (lead < 0xc2 || lead > 0xf4) return false;
  if (at + 1 === to) return true;
  const second = bytes[at + 1]!;
  return second >= lowestSecond(lead) && second <= highestSecond(lead);
}

function lowestSecond(lead: number): number {
  if (lead === 0xe0) return 0xa0; // below: an overlong form
  return lead === 0xf0 ? 0x90 : 0x80; // below 0x90: an overlong form
}

function highestSecond(lead: number): number {
  if (lead === 0xed) return 0x9f; // above: a surrogate
  return lead === 0xf4 ? 0x8f : 0xbf; // above 0x8f: beyond U+10FFFF
}
