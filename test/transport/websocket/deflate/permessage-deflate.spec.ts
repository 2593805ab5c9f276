import { afterEach, describe, expect, it } from '@jest/globals';
import type {
  AcceptedOffer,
  ExtensionParameters,
  MessageTransform,
} from '../../../../lib/protocol/websocket/index.js';
import type { PerMessageDeflateOptions } from '../../../../lib/transport/websocket/deflate/deflate-options.js';
import { reservedDeflateMemory } from '../../../../lib/transport/websocket/deflate/memory-budget.js';
import { perMessageDeflate } from '../../../../lib/transport/websocket/deflate/permessage-deflate.js';

const RSV1 = 0x40;

type Parameters = Record<string, string | true>;

const parametersOf = (given: Parameters): ExtensionParameters => new Map(Object.entries(given));
const plain = (accepted: AcceptedOffer | undefined): Parameters | undefined =>
  accepted && Object.fromEntries<string | true>(accepted.parameters);

const open: MessageTransform[] = [];

function opened(accepted: AcceptedOffer): MessageTransform {
  const transform = accepted.open({ maxPayload: 1024 });
  open.push(transform);
  return transform;
}

afterEach(() => {
  for (const transform of open.splice(0)) transform.close();
});

const NO_TAKEOVER: Parameters = { server_no_context_takeover: true, client_no_context_takeover: true };

describe('a server', () => {
  const answer = (offer: Parameters, options?: PerMessageDeflateOptions): Parameters | undefined =>
    plain(perMessageDeflate(options).accept(parametersOf(offer)));

  it('claims RSV1, by the registered name', () => {
    expect(perMessageDeflate()).toMatchObject({ name: 'permessage-deflate', rsv: RSV1 });
  });

  it.each<[string, Parameters, PerMessageDeflateOptions | undefined, Parameters]>([
    ['nothing, where nothing was asked for', {}, undefined, {}],
    ['what a client asks for', NO_TAKEOVER, undefined, NO_TAKEOVER],
    [
      'what it wants itself',
      {},
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      NO_TAKEOVER,
    ],
    [
      'the smaller window',
      { server_max_window_bits: '12', client_max_window_bits: true },
      { serverMaxWindowBits: 10, clientMaxWindowBits: 9 },
      { server_max_window_bits: '10', client_max_window_bits: '9' },
    ],
  ])('answers %s', (_what, offer, options, expected) => {
    expect(answer(offer, options)).toEqual(expected);
  });

  it.each<[string, Parameters]>([
    ['an unknown parameter', { mode: 'fast' }],
    ['a window out of range', { server_max_window_bits: '7' }],
    ['a flag with a value', { server_no_context_takeover: 'yes' }],
  ])('declines %s', (_what, offer) => {
    expect(answer(offer)).toBeUndefined();
  });

  it('reserves memory when the connection opens, not when it answers', () => {
    const accepted = perMessageDeflate().accept(new Map())!;
    expect(reservedDeflateMemory()).toBe(0);
    opened(accepted);
    expect(reservedDeflateMemory()).toBeGreaterThan(256 * 1024);
  });

  it('beyond its budget answers without takeover', () => {
    expect(answer({}, { memoryBudgetBytes: 0 })).toEqual(NO_TAKEOVER);
  });
});

describe('a client', () => {
  it('offers what its options say', () => {
    const offers = perMessageDeflate({ clientNoContextTakeover: true, serverMaxWindowBits: 12 }).offers();
    const [first] = offers.map((offer) => Object.fromEntries(offer));
    expect(first).toMatchObject({ client_no_context_takeover: true, server_max_window_bits: '12' });
  });

  it('takes an answer to it, and keeps no budget', () => {
    const confirmed = perMessageDeflate().confirm(parametersOf({ server_no_context_takeover: true }));
    expect(plain(confirmed)).toEqual({ server_no_context_takeover: true });
    opened(confirmed);
    expect(reservedDeflateMemory()).toBe(0);
  });

  it('refuses an answer that it did not offer', () => {
    expect(() => perMessageDeflate().confirm(parametersOf({ mode: 'fast' }))).toThrow();
  });
});

describe('options', () => {
  it.each<[PerMessageDeflateOptions, string]>([
    [{ serverMaxWindowBits: 16 }, 'serverMaxWindowBits must be an integer from 8 to 15, not 16'],
    [{ level: 0 }, 'level must be an integer from 1 to 9, not 0'],
    [{ memLevel: 1.5 }, 'memLevel must be an integer from 1 to 9, not 1.5'],
    [{ threshold: -1 }, 'threshold must be a number of at least 0, not -1'],
  ])('out of their range are refused: %j', (options, message) => {
    expect(() => perMessageDeflate(options)).toThrow(new RangeError(message));
  });
});
