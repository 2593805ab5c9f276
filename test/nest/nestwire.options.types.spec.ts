/** Type tests: what is expected not to compile is marked so, and `tsc` fails when it compiles after all. */
import { describe, expect, it } from '@jest/globals';
import * as MessagePack from '@msgpack/msgpack';
import { type Codec, Gateway, type NestwireOptions, defineProtocol, msgpack, raw } from 'nestwire';
import * as protocol from 'nestwire/protocol';

const Chat = defineProtocol('chat.v1', {});

export const right: NestwireOptions = {
  codecs: [msgpack(MessagePack), protocol.msgpack(MessagePack)],
  validateOutbound: true,
  limits: { messagesPerSecond: 100, openRequests: 10, messageMs: Infinity },
};

export const wrong = (): NestwireOptions[] => [
  // @ts-expect-error a codec is due, not the library
  { codecs: [MessagePack] },
  // @ts-expect-error a list of codecs is due
  { codecs: msgpack(MessagePack) },
  // @ts-expect-error not without the library
  { codecs: [msgpack()] },
  // @ts-expect-error no such limit
  { limits: { messagesPerMinute: 1 } },
  // @ts-expect-error it is a switch, on or off
  { validateOutbound: 'yes' },
];

export const decorators: ClassDecorator[] = [
  Gateway({ codec: raw }),
  Gateway({ codec: msgpack(MessagePack) }),
  Gateway({ protocol: Chat }),
  // @ts-expect-error a codec, not its name
  Gateway({ codec: 'raw' }),
];

export const codecs: Codec[] = [
  raw,
  // @ts-expect-error decodes nothing
  { name: 'x', hasEnvelope: true, encode: () => '', encodePublication: () => '' },
  {
    ...raw,
    // @ts-expect-error messages are text or bytes
    encode: ({ data }) => data,
  },
];

describe('the types of the options', () => {
  it('are checked by the compiler; here they only have to load', () => {
    expect(right.codecs).toHaveLength(2);
    expect(protocol.raw).toBe(raw);
  });
});
