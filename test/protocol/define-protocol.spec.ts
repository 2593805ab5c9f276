import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { InvalidProtocolError, defineProtocol } from '../../lib/protocol/index.js';

describe('defineProtocol', () => {
  it('hands back the name and the messages', () => {
    const said = z.object({ text: z.string() });
    const protocol = defineProtocol('chat.v1', { client: { say: { payload: said } }, server: { said } });

    expect(protocol.name).toBe('chat.v1');
    expect(protocol.client.say.payload).toBe(said);
    expect(protocol.server.said).toBe(said);
  });

  it('takes a protocol in which only one side speaks', () => {
    expect(defineProtocol('news.v1', { server: { item: z.string() } }).client).toEqual({});
    expect(defineProtocol('log.v1', { client: { line: { payload: z.string() } } }).server).toEqual({});
  });

  it.each(['', 'with space', 'a,b', 'chat.v1+json', 'bearer.x', 'ü', 'x'.repeat(65)])(
    'refuses the name "%s"',
    (name) => {
      expect(() => defineProtocol(name, {})).toThrow(InvalidProtocolError);
    },
  );

  it.each(['nestwire:session', ''])('refuses the event name "%s"', (event) => {
    expect(() => defineProtocol('chat.v1', { client: { [event]: {} } })).toThrow(InvalidProtocolError);
    expect(() => defineProtocol('chat.v1', { server: { [event]: z.string() } })).toThrow(
      InvalidProtocolError,
    );
  });
});
