import { describe, expect, it } from '@jest/globals';
import { chooseProtocol } from '../../../lib/nest/gateway/protocol-choice.js';
import { defineProtocol } from '../../../lib/protocol/index.js';
import { HandshakeError } from '../../../lib/transport/websocket/index.js';

const v1 = defineProtocol('chat.v1', {});
const v2 = defineProtocol('chat.v2', {});

describe('the protocol of a session', () => {
  it.each([
    ['the only one that both know', ['other', 'chat.v1'], v1],
    ['the first that the client prefers', ['chat.v2', 'chat.v1'], v2],
    ['the first that the client prefers, whatever the server does', ['chat.v1', 'chat.v2'], v1],
    ['not the credential', ['bearer.abc', 'chat.v2'], v2],
  ])('is %s', (_, offered, protocol) => {
    expect(chooseProtocol([v1, v2], offered, false)).toEqual({ protocol, subprotocol: protocol.name });
  });

  it.each([[[]], [['bearer.abc']]])('is the first of the gateway, unsaid, when %j is offered', (offered) => {
    expect(chooseProtocol([v2, v1], offered, false)).toEqual({ protocol: v2, subprotocol: undefined });
  });

  it.each([
    [['unknown'], false],
    [['constructor', '__proto__'], false],
    [['chat.v1+msgpack'], false],
    [[], true],
    [['bearer.abc'], true],
  ])('is none, but a refusal, when %j is offered (required: %s)', (offered, required) => {
    expect(() => chooseProtocol([v1], offered, required)).toThrow(HandshakeError);
    expect(() => chooseProtocol([v1], offered, required)).toThrow('chat.v1');
  });

  it('is none for a gateway without protocols, whatever is offered', () => {
    expect(chooseProtocol([], ['anything'], false)).toEqual({ protocol: undefined, subprotocol: undefined });
  });
});
