import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { type Credential, type ReadCredentialOptions, readCredential } from 'nestwire';
import { Session } from '../../../lib/session/index.js';
import { TestHost } from '../../support/test-session.js';

function read(
  headers: Record<string, string>,
  options?: ReadCredentialOptions,
  query = '',
): Credential | undefined {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  const origin = {
    request,
    transport: 'websocket' as const,
    url: `/chat${query}`,
    params: {},
    remoteAddress: '',
  };
  return readCredential(new Session(origin, new TestHost()), options);
}

const bearer = (token: string): string => `bearer.${Buffer.from(token).toString('base64url')}`;

describe('a credential', () => {
  it.each([
    ['Bearer abc.DEF-_~+/==', 'abc.DEF-_~+/=='],
    ['bearer abc', 'abc'],
    ['Bearer   abc ', 'abc'],
    ['Bearer', ''],
    ['Bearer a b', ''],
    ['Bearer ä', ''],
  ])('is read from the header "%s"', (authorization, token) => {
    expect(read({ authorization })).toEqual({ token, source: 'authorization' });
  });

  it.each(['Basic YTpi', 'Bearerabc', ''])('is not found in the header "%s"', (authorization) => {
    expect(read({ authorization })).toBeUndefined();
  });

  it.each([
    [`chat.v1, ${bearer('a.b~c')}`, 'a.b~c'],
    [bearer('abc'), 'abc'],
    [`${bearer('abc')},chat.v1`, 'abc'],
    ['bearer.', ''],
    ['bearer.a+b', ''],
    [bearer('two words'), ''],
    [bearer('ä'), ''],
    [`${bearer('one')}, ${bearer('two')}`, ''],
  ])('is read from the subprotocols "%s"', (list, token) => {
    expect(read({ 'sec-websocket-protocol': list })).toEqual({ token, source: 'subprotocol' });
  });

  it('is read from the first of the places asked for that has one', () => {
    const headers = {
      authorization: 'Bearer one',
      cookie: 'sid=two',
      'sec-websocket-protocol': bearer('three'),
    };
    const from = ['ticket', { cookie: 'sid' }, 'authorization'] as const;

    expect(read(headers)).toMatchObject({ token: 'one' });
    expect(read(headers, { from })).toEqual({ token: 'two', source: { cookie: 'sid' } });
    expect(read(headers, { from }, '?ticket=four')).toEqual({ token: 'four', source: 'ticket' });
    expect(read({ cookie: 'sid=two' })).toBeUndefined();
  });

  it('in the URL counts once only', () => {
    expect(read({}, { from: ['ticket'] }, '?ticket=a&ticket=b')).toEqual({ token: '', source: 'ticket' });
    expect(read({}, { from: ['ticket'] }, '?token=a')).toBeUndefined();
  });

  it.each([
    ['a=1; sid=x=y; b=2', 'x=y'],
    ['sid="quoted"', 'quoted'],
    ['sid=%C3%A4; sid=second', 'ä'],
    ['sid=%', '%'],
    ['sid=', ''],
    ['asid=1; SID=2; sid', undefined],
    ['__proto__=1', undefined],
  ])('is read from the cookies "%s"', (cookie, token) => {
    expect(read({ cookie }, { from: [{ cookie: 'sid' }] })?.token).toBe(token);
  });
});
