import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Admission, type AdmissionOptions } from '../../../lib/transport/admission/index.js';
import { type From, requestFrom } from './requests.js';

const enter = (admission: Admission, from: From = {}): void =>
  admission.enter(requestFrom(from), new PassThrough());

/** The status that refuses the second handshake from there, after the first was let in. */
function second(options: AdmissionOptions, first: From, next: From): number | undefined {
  const admission = new Admission(options);
  enter(admission, first);
  try {
    enter(admission, next);
    return undefined;
  } catch (error) {
    return (error as { status: number }).status;
  }
}

describe('admission', () => {
  it('has no limit on connections by default', () => {
    const admission = new Admission();
    for (let i = 0; i < 2_000; i++) enter(admission);
    expect(() => enter(admission)).not.toThrow();
  });

  it.each<[string, AdmissionOptions, number]>([
    ['all connections', { maxConnections: 1 }, 503],
    ['connections of an address', { maxConnectionsPerAddress: 1 }, 429],
    ['handshakes of an address', { connectionRate: 1 }, 429],
  ])('has a limit on %s', (_what, options, status) => {
    expect(second(options, {}, {})).toBe(status);
  });

  it.each<[string, From, From, number | undefined]>([
    ['two IPv4 addresses as two', { peer: '192.0.2.1' }, { peer: '192.0.2.2' }, undefined],
    ['IPv4 on a dual-stack socket as IPv4', { peer: '192.0.2.1' }, { peer: '::ffff:192.0.2.1' }, 429],
    ['a /64 as one', { peer: '2001:db8:1:2::1' }, { peer: '2001:db8:1:2:ffff::9' }, 429],
    ['two /64 as two', { peer: '2001:db8:1:2::1' }, { peer: '2001:db8:1:3::1' }, undefined],
    ['UNIX sockets not at all', { peer: null }, { peer: null }, undefined],
  ])('counts %s', (_what, first, next, status) => {
    expect(second({ maxConnectionsPerAddress: 1 }, first, next)).toBe(status);
    expect(second({ connectionRate: 1 }, first, next)).toBe(status);
  });

  it('counts clients, not the trusted proxy that they come through', () => {
    const options = { maxConnectionsPerAddress: 1, trustedProxies: ['198.51.100.1'] };
    const by = (client: string): From => ({ headers: { 'X-Forwarded-For': client } });
    expect(second(options, by('203.0.113.1'), by('203.0.113.2'))).toBeUndefined();
    expect(second(options, by('203.0.113.1'), by('6.6.6.6, 203.0.113.1'))).toBe(429);
  });

  it('counts nothing for what it refuses', async () => {
    const admission = new Admission({ maxConnections: 2, maxConnectionsPerAddress: 1 });
    const socket = new PassThrough();
    admission.enter(requestFrom(), socket);
    expect(() => enter(admission)).toThrow();
    expect(() => enter(admission)).toThrow();
    await new Promise((closed) => socket.once('close', closed).destroy());
    enter(admission, { peer: '192.0.2.1' });
    enter(admission, { peer: '192.0.2.2' });
    expect(() => enter(admission, { peer: '192.0.2.3' })).toThrow();
  });

  it('has a limit on handshakes that wait, which come to an end each', () => {
    const admission = new Admission({ maxPendingHandshakes: 1 });
    const over = admission.wait();
    expect(() => enter(admission)).toThrow(
      expect.objectContaining({
        status: 503,
        message: '1 handshakes are under way already',
        headers: { 'Retry-After': '1' },
      }),
    );
    over();
    expect(() => enter(admission)).not.toThrow();
  });

  it.each(['maxConnections', 'maxConnectionsPerAddress', 'maxPendingHandshakes', 'connectionRate'] as const)(
    'refuses a %s that is no limit',
    (name) => {
      for (const value of [-1, NaN, '1' as unknown as number]) {
        expect(() => new Admission({ [name]: value })).toThrow(RangeError);
      }
    },
  );
});
