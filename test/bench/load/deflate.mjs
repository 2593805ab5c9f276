/**
 * Compressed messages as a real client sends them, without compressing while the clock runs.
 *
 * A cycle of 64 KiB of messages goes twice through one deflate stream. References reach back 32 KiB
 * at most, less than a cycle, so what precedes a message of the second lap is the same in every
 * later lap: its bytes can be sent again and again, and a stateful inflater reads them right.
 */
import { constants, createDeflateRaw, inflateRawSync } from 'node:zlib';
import { frame } from './frames.mjs';

const CYCLE_BYTES = 64 * 1024;
const TAIL = Buffer.from([0, 0, 255, 255]);

export const cycleLength = (bytes) => Math.ceil(CYCLE_BYTES / bytes) + 1;

function compressor(windowBits) {
  const stream = createDeflateRaw({ windowBits });
  let parts = [];
  stream.on('data', (part) => parts.push(part));
  return async (payload) => {
    parts = [];
    stream.write(payload);
    await new Promise((resolve) => stream.flush(constants.Z_SYNC_FLUSH, resolve));
    return Buffer.concat(parts).subarray(0, -TAIL.length);
  };
}

/** Frames of both laps: play all once, then the second half for ever. */
export async function compressedLaps(payloads, opcode, { windowBits, clientTakeover }) {
  const laps = [...payloads, ...payloads];
  let compress = compressor(windowBits);
  const frames = [];
  for (const payload of laps) {
    if (!clientTakeover) compress = compressor(windowBits);
    frames.push(frame(await compress(payload), opcode, true));
  }
  return frames;
}

const inflate = (bytes) => inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });

/** Undoes the compression of the compressed messages that one connection received, in order. */
export function inflater({ serverTakeover }) {
  let stream = Buffer.alloc(0);
  let known = 0;
  return (payload) => {
    if (!serverTakeover) return inflate(Buffer.concat([payload, TAIL]));
    stream = Buffer.concat([stream, payload, TAIL]);
    const whole = inflate(stream);
    const message = whole.subarray(known);
    known = whole.length;
    return message;
  };
}
