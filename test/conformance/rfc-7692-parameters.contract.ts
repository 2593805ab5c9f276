/** RFC 7692 §7.1: whatever combination of parameters is agreed, messages of all sizes come back. */
import { expect, it } from '@jest/globals';
import type { Agreement } from '../support/raw-deflate.js';
import { inWords } from '../support/raw-peer-reader.js';
import { Random } from '../support/random.js';
import { seed } from '../support/seed.js';
import type { DeflateRole } from './deflate-role.js';
import { compressible } from './rfc-7692-deflate.contract.js';

const messageSizes = [16, 64, 256, 1_024, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072];
/** Up to here each size comes three times, with contents that a window remembers or not. */
const repeatedUpTo = 16_384;

const contents = makeContents(new Random(seed));

/** @param parameters what the raw peer says; `check` looks at what came of it */
export function parametersCase(
  role: DeflateRole,
  parameters: string,
  check: (agreement: Agreement) => void,
): void {
  it(`messages of 16 bytes to 128 KiB come back with "${parameters}"`, async () => {
    const peer = await role.open(parameters);
    check(peer.agreement);
    for (const payload of contents) {
      await peer.send('binary', payload, payload.length % 3 === 0 ? 256 : Infinity);
      expect(inWords(await peer.next())).toBe(inWords({ kind: 'binary', payload }));
    }
    peer.destroy();
  });
}

/** Alternating and repeating, so that a window kept or forgotten at the wrong time shows. */
function makeContents(random: Random): Buffer[] {
  return messageSizes.flatMap((size) => {
    const words = compressible(random, size);
    if (size > repeatedUpTo) return [words];
    return [words, random.bytes(size + 1), words, Buffer.alloc(size, 'json ')];
  });
}
