import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { redis } from 'nestwire/redis';
import { freePort } from '../../support/free-port.js';

const SECRET = 'geheim';

describe('where redis() connects to', () => {
  it.each<[string, Parameters<typeof redis>[0]]>([
    ['nothing', {}],
    ['two of them', { url: 'redis://h', cluster: ['redis://h'] }],
    ['no node of a cluster', { cluster: [] }],
    ['what is no URL of Redis', { cluster: ['redis://h', `http://u:${SECRET}@h`] }],
    ['Sentinels without an address', { sentinels: [`redis://u:${SECRET}@`] }],
  ])('is not %s, and credentials are not told', (_, options) => {
    let error: unknown;
    try {
      redis(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'INVALID_REDIS_OPTIONS' });
    expect(inspect(error)).not.toContain(SECRET);
  });

  it.each(['url', 'cluster', 'sentinels'])(
    'by %s, is not told with its credentials when it is away',
    async (way) => {
      const url = `redis://user:${SECRET}@127.0.0.1:${await freePort()}`;
      const broker = redis({ [way]: way === 'url' ? url : [url], timeoutMs: 200 });
      const error = await broker.publish('c', '1', undefined).catch((reason: unknown) => reason);
      await broker.close();

      expect(error).toMatchObject({ code: 'BROKER_UNAVAILABLE' });
      expect(inspect([error, broker], { depth: 5 }).includes(SECRET)).toBe(false);
    },
  );
});
