import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import {
  isForGateway,
  offeredProtocols,
  readReception,
  readTicket,
} from '../../../lib/nest/http/session-request.js';

function request(headers: Record<string, string>, url = '/chat'): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { headers, url });
}

const JSON_POLL = { accept: 'application/json' };

describe('what a request over plain HTTP says of itself', () => {
  it('is which session it is for', () => {
    const [id, secret] = ['0'.repeat(36), 'x'.repeat(24)];
    expect(readTicket(request({ 'nestwire-session': 'new' }))).toBe('new');
    expect(readTicket(request({ 'nestwire-session': `${id}.${secret}` }))).toEqual({ id, secret });
    expect(readTicket(request({ 'nestwire-session': `${id}.${secret}, new` }))).toBeUndefined();
    expect(readTicket(request({}))).toBeUndefined();
  });

  it('is which protocols the client speaks', () => {
    expect(offeredProtocols(request({ 'nestwire-protocol': 'a.v2 ,, a.v1' }))).toEqual(['a.v2', 'a.v1']);
    expect(offeredProtocols(request({}))).toEqual([]);
  });

  it.each([
    ['an event stream', { accept: 'text/event-stream' }, 'event-stream', 0],
    ['a short poll', JSON_POLL, 'short-polling', 0],
    ['a long poll', { ...JSON_POLL, prefer: 'respond-async, wait=25' }, 'long-polling', 25_000],
    ['a long poll that is too long', { ...JSON_POLL, prefer: 'wait=3600' }, 'long-polling', 60_000],
  ])('is that it wants %s', (_, headers, kind, waitMs) => {
    expect(readReception(request(headers))).toMatchObject({ kind, waitMs });
  });

  it('is whether it is for a gateway: it has our header, and takes what we have', () => {
    const ours = { 'nestwire-session': 'new' };
    const isOurs = (method: string, headers: Record<string, string>): boolean =>
      isForGateway(Object.assign(request(headers), { method }));
    expect([isOurs('GET', { ...ours, ...JSON_POLL }), isOurs('GET', ours), isOurs('PUT', ours)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(isOurs('GET', { ...ours, accept: 'text/html' })).toBe(false);
    expect(isOurs('GET', JSON_POLL)).toBe(false);
    expect(isOurs('OPTIONS', ours)).toBe(false);
  });

  it.each([
    ['?ack=3', 3],
    ['?a=%3F&ack=12', 12],
    ['?q=what?&ack=5', 5],
    ['', undefined],
    ['?ack=', undefined],
    ['?ack=-1', undefined],
    ['?ack=1e3', undefined],
    ['?ack=99999999999999999', undefined],
    ['#?ack=3x', undefined],
  ])('is which batch came last: %s', (query, ack) => {
    expect(readReception(request(JSON_POLL, `/chat${query}`)).ack).toBe(ack);
  });
});
