/** Byte streams as a client might send them: mostly legal, sometimes not, sometimes damaged. */
import {
  type FrameSpec,
  binary,
  close,
  encodeFrame,
  frame,
  inFragmentsOf,
  ping,
  pong,
  text,
} from '../support/raw-peer-frames.js';
import type { Random } from '../support/random.js';
import { invalidSequences, validSequences } from './utf8-sequences.js';

/** One stream for every state of `random`. */
export function randomStream(random: Random): Buffer {
  const frames = Array.from({ length: random.between(1, 8) }, () => somePiece(random)).flat();
  const bytes = Buffer.concat(frames.map((spec) => encodeFrame(withMask(random, spec), 'client')));
  return random.next() < 0.25 ? damaged(random, bytes) : bytes;
}

type Maker = (random: Random) => FrameSpec | readonly FrameSpec[];

const legal: readonly Maker[] = [
  (random) => text(goodText(random)),
  (random) => binary(random.bytes(size(random))),
  (random) => inFragmentsOf(random.between(1, 40), text(goodText(random))),
  (random) => interrupted(inFragmentsOf(random.between(1, 400), binary(random.bytes(size(random))))),
  (random) => ping(random.bytes(random.between(0, 125))),
  (random) => pong(random.bytes(random.between(0, 125))),
];

const illegal: readonly Maker[] = [
  (random) => text(Buffer.from(random.oneOf(random.oneOf(invalidSequences).hex), 'hex')),
  (random) => inFragmentsOf(2, text(Buffer.from(random.oneOf(random.oneOf(invalidSequences).hex), 'hex'))),
  (random) => frame(random.between(0, 15), random.bytes(random.between(0, 20)), { fin: random.next() < 0.8 }),
  (random) => text('reserved bits', { rsv: random.between(1, 7) }),
  (random) => text('not minimal', { lengthBits: random.oneOf([16, 64] as const) }),
  (random) => text('bare', { mask: null, fin: random.next() < 0.5 }),
  (random) => binary('', { lengthBits: 64, declaredLength: random.oneOf([1n << 63n, 1n << 54n, 70_000n]) }),
  (random) => close(random.oneOf([1000, 1001, 1004, 1006, 2000, 3000, 4999, 5000]), 'a reason'),
  (random) => close(1000, random.bytes(random.between(1, 130))),
  () => close(undefined, 'x'),
  () => close(),
  (random) => ping(random.bytes(random.between(126, 200))),
];

function somePiece(random: Random): readonly FrameSpec[] {
  const made = random.oneOf(random.next() < 0.8 ? legal : illegal)(random);
  return Array.isArray(made) ? (made as readonly FrameSpec[]) : [made as FrameSpec];
}

const size = (random: Random): number => random.logUniform(1, 3_000);

function goodText(random: Random): Buffer {
  const parts = Array.from({ length: random.between(0, 5) }, () =>
    Buffer.from(random.oneOf(random.oneOf(validSequences).hex), 'hex'),
  );
  return Buffer.concat(parts);
}

/** A ping behind each fragment but the last. */
function interrupted(fragments: readonly FrameSpec[]): FrameSpec[] {
  return fragments.slice(0, 6).flatMap((one, i) => (one.fin ? [one] : [one, ping(`between ${i}`)]));
}

function withMask(random: Random, spec: FrameSpec): FrameSpec {
  return spec.mask === undefined ? { ...spec, mask: random.bytes(4) } : spec;
}

/** One bit flipped, the end cut off, or one byte too many. */
function damaged(random: Random, bytes: Buffer): Buffer {
  const at = random.between(0, bytes.length - 1);
  const how = random.between(1, 3);
  if (how === 1) return bytes.subarray(0, at);
  if (how === 2) return Buffer.concat([bytes, random.bytes(1)]);
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1 << random.between(0, 7);
  return copy;
}
