import { describe, expect, it } from '@jest/globals';
import * as MessagePack from '@msgpack/msgpack';
import { chooseProtocol, listServed } from '../../../lib/nest/gateway/protocol-choice.js';
import { json } from '../../../lib/protocol/codec/index.js';
import { type AnyProtocol, defineProtocol, msgpack, raw } from '../../../lib/protocol/index.js';
import { HandshakeError } from '../../../lib/transport/websocket/index.js';

const v1 = defineProtocol('chat.v1', {});
const v2 = defineProtocol('chat.v2', {});
const packed = msgpack(MessagePack);

const serve = (...protocols: AnyProtocol[]): ReturnType<typeof listServed> =>
  listServed('/chat', protocols, [packed], [{}]);

describe('the protocol of a session', () => {
  it.each([
    ['the only one that both know', ['other', 'chat.v1'], v1, json],
    ['the first that the client prefers', ['chat.v2', 'chat.v1'], v2, json],
    ['the first that the client prefers, whatever the server does', ['chat.v1', 'chat.v2'], v1, json],
    ['not the credential', ['bearer.abc', 'chat.v2'], v2, json],
    ['with the codec that its token names', ['chat.v2+msgpack', 'chat.v2'], v2, packed],
    ['as JSON where the client prefers that', ['chat.v1', 'chat.v1+msgpack'], v1, json],
    ['not with a codec that is not there', ['chat.v1+cbor', 'chat.v2+msgpack'], v2, packed],
  ])('is %s', (_, offered, protocol, codec) => {
    const { served, subprotocol } = chooseProtocol(serve(v1, v2), offered, false);

    expect(served).toEqual({ token: subprotocol, protocol, codec });
    expect(offered).toContain(subprotocol);
  });

  it.each([[[]], [['bearer.abc']]])('is the first of the gateway, unsaid, when %j is offered', (offered) => {
    const { served, subprotocol } = chooseProtocol(serve(v2, v1), offered, false);

    expect(served).toMatchObject({ protocol: v2, codec: json });
    expect(subprotocol).toBeUndefined();
  });

  it.each([
    [['unknown'], false],
    [['constructor', '__proto__'], false],
    [['chat.v1+json', 'chat.v1+', '+msgpack', 'chat.v1+msgpack+msgpack'], false],
    [[], true],
    [['bearer.abc'], true],
  ])(
    'is none, but a refusal that lists what is served, when %j is offered (required: %s)',
    (offered, required) => {
      expect(() => chooseProtocol(serve(v1), offered, required)).toThrow(HandshakeError);
      expect(() => chooseProtocol(serve(v1), offered, required)).toThrow('chat.v1, chat.v1+msgpack');
    },
  );

  it('is none for a gateway without protocols, whatever is offered', () => {
    const { served, subprotocol } = chooseProtocol(serve(), ['anything', 'x+msgpack'], false);

    expect(served).toEqual({ token: undefined, protocol: undefined, codec: json });
    expect(subprotocol).toBeUndefined();
  });
});

describe('a codec that gateways name', () => {
  it('is that of all sessions', () => {
    const served = listServed('/raw', [], [packed], [{ codec: raw }, { codec: raw }]);

    expect(served).toEqual([{ token: undefined, protocol: undefined, codec: raw }]);
  });

  it('must not contradict protocols, or other gateways of the path', () => {
    expect(() => listServed('/raw', [v1], [], [{ codec: raw }])).toThrow('/raw has protocols');
    expect(() => listServed('/raw', [], [], [{ codec: raw }, {}])).toThrow('/raw have different codecs');
  });
});
