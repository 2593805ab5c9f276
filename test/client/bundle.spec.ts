import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';

/** The size that users are promised. */
const MOST_BYTES = 12 * 1024;
const BUNDLE = fileURLToPath(new URL('./support/bundle.mjs', import.meta.url));

describe('The client in a browser', () => {
  let bundle: { code: string; imports: string[]; moduleIds: string[] };

  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [BUNDLE], { maxBuffer: 2 ** 24 });
    bundle = JSON.parse(stdout) as typeof bundle;
  }, 60_000);

  it(`has less than ${MOST_BYTES} bytes, minified and compressed, without rxjs`, () => {
    expect(gzipSync(bundle.code, { level: 9 }).length).toBeLessThan(MOST_BYTES);
  });

  it('imports nothing but rxjs', () => {
    expect(bundle.imports).toEqual(['rxjs']);
  });

  it('is made of the client, the protocol and the errors', () => {
    const layers = new Set(bundle.moduleIds.map((id) => /lib\/(\w+)\//.exec(id)?.[1]));
    expect([...layers].sort()).toEqual(['client', 'errors', 'protocol']);
  });
});
