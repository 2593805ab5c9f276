import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type ClientBundle, bundleClient } from './support/client-bundle.js';

/** The size that users are promised. */
const MOST_BYTES = 12 * 1024;

describe('The client in a browser', () => {
  let bundle: ClientBundle;

  beforeAll(async () => {
    bundle = await bundleClient('module');
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
