import { beforeEach, describe, expect, it } from '@jest/globals';
import { json } from '../../lib/client/codec/json.js';
import { Conversation } from '../../lib/client/conversation.js';
import type { Gap } from '../../lib/client/gap.js';
import { FakeTransport, sessionMessage } from './support/fake-transport.js';

/** What became of a request. */
class Outcome {
  readonly items: unknown[] = [];
  result: unknown;
  error: (Error & { code?: string }) | undefined;

  constructor(readonly event: string) {}

  item(data: unknown): void {
    this.items.push(data);
  }

  done(data: unknown): void {
    this.result = data;
  }

  failed(error: Error): void {
    this.error = error;
  }
}

describe('A conversation with a session', () => {
  let conversation: Conversation;
  let transport: FakeTransport;
  let gaps: Gap[];
  let messages: unknown[];

  beforeEach(() => {
    conversation = new Conversation({ codec: json, isResumable: true, maxQueued: 1_000 });
    gaps = [];
    messages = [];
    conversation.gaps$.subscribe((gap) => gaps.push(gap));
    conversation.messages$.subscribe(({ data }) => messages.push(data));
    begin();
  });

  function begin(data: object = {}): void {
    transport = new FakeTransport();
    conversation.receive(sessionMessage(data), transport);
  }

  const hear = (message: object): boolean => conversation.receive({ event: '', ...message }, transport);

  function ask(event = 'ask'): Outcome & { id: number } {
    const outcome = new Outcome(event);
    return Object.assign(outcome, { id: conversation.ask(undefined, outcome) });
  }

  it('counts answers, pushes and exceptions, and neither control messages nor publications', () => {
    const { id } = ask();
    hear({ event: 'ask', id, data: 1 });
    hear({ event: 'pushed', data: 2 });
    hear({ event: 'exception', data: 3 });
    hear({ event: 'published', data: 4, channel: 'c', cursor: '1.e.1' });
    hear({ event: 'nestwire:joined', data: { channel: 'd', cursor: '1.e.7' } });
    begin({ resumed: true, received: 1 });
    expect(transport.take()).toEqual([
      { event: 'nestwire:resume', data: { received: 3, cursors: { c: '1.e.1', d: '1.e.7' } } },
    ]);
    expect(messages).toEqual([2, 3, 4]);
  });

  it('counts the answer to a new token as the server does, but not the token', () => {
    const outcome = new Outcome('nestwire:token');
    const id = conversation.askNow({ token: 't' }, outcome);
    expect(transport.take()).toEqual([{ event: 'nestwire:token', id, data: { token: 't' } }]);
    hear({ event: 'nestwire:token', id, data: { expiresAt: 5 } });
    expect(outcome.result).toEqual({ expiresAt: 5 });
    begin({ resumed: true, received: 0 });
    expect(transport.take()).toEqual([{ event: 'nestwire:resume', data: { received: 1, cursors: {} } }]);
  });

  it('does not ask the library when there is nobody', () => {
    conversation.detach();
    expect(conversation.askNow({}, new Outcome('nestwire:token'))).toBeUndefined();
  });

  it('sends again what the server has not got, in order', () => {
    conversation.tell('a', 1);
    conversation.tell('a', 2);
    conversation.detach();
    conversation.tell('a', 3);
    begin({ resumed: true, received: 1 });
    expect(transport.take().map(({ data }) => data)).toEqual([{ received: 0, cursors: {} }, 2, 3]);
  });

  it('sends what was sent in a lost session never again, and what was not in the new one', () => {
    const sent = ask();
    conversation.detach();
    const queued = ask();
    begin({ resumed: false });
    expect(sent.error?.code).toBe('OUTCOME_UNKNOWN');
    expect(transport.take().map(({ event, id }) => [event, id])).toEqual([
      ['nestwire:resume', undefined],
      ['ask', queued.id],
    ]);
    expect(gaps).toEqual([{ channel: undefined }]);
  });

  it('says nothing of a lost session to one that was asked for as a new one', () => {
    conversation.detach();
    expect(conversation.forget()).toBe(true);
    expect(conversation.ticket).toBe('new');
    expect(conversation.forget()).toBe(false);
    begin({ resumed: false });
    expect(transport.take()).toEqual([]);
  });

  it('tells the gap of a channel when such a session joins it elsewhere', () => {
    hear({ event: 'nestwire:joined', data: { channel: 'c', cursor: '1.e.7' } });
    conversation.forget();
    begin({ resumed: false });
    hear({ event: 'nestwire:joined', data: { channel: 'c', cursor: '1.e.9' } });
    expect(gaps).toEqual([{ channel: undefined }, { channel: 'c', cursor: '1.e.9' }]);
  });

  it('tells the gaps that it is told', () => {
    hear({ event: 'nestwire:joined', data: { channel: 'c', cursor: '1.e.2', recovered: true } });
    hear({ event: 'nestwire:gap', data: { channel: 'c', cursor: '1.e.7', recovered: false } });
    hear({ event: 'nestwire:gap', data: { channel: 'd', recovered: false } });
    expect(gaps).toEqual([
      { channel: 'c', cursor: '1.e.7' },
      { channel: 'd', cursor: undefined },
    ]);
  });

  it('does not know the outcome of what a gap left without an answer', () => {
    const [kept, lost] = [ask('kept'), ask('lost')];
    conversation.detach();
    const later = ask('later');
    begin({ resumed: true, received: 2 });
    hear({ event: 'nestwire:gap', data: { missed: 5 } });
    hear({ event: 'kept', id: kept.id, data: 'here' });
    expect(lost.error).toBeUndefined();
    hear({ event: 'nestwire:pong', data: { received: 3 } });
    expect([kept.result, lost.error?.code, later.error]).toEqual(['here', 'OUTCOME_UNKNOWN', undefined]);
    expect(transport.take().map(({ event, data, id }) => [event, data ?? id])).toEqual([
      ['nestwire:resume', { received: 0, cursors: {} }],
      ['later', later.id],
      ['nestwire:ping', { received: 5 }],
      ['nestwire:cancel', lost.id],
    ]);
    expect(gaps).toEqual([{ channel: undefined }]);
  });

  it('takes late answers for no pushes', () => {
    const { id } = ask();
    conversation.cancel(id);
    hear({ event: 'ask', id, data: 'late' });
    expect(messages).toEqual([]);
  });

  it('cancels what was given up without a connection as soon as it hears of it again, once', () => {
    const { id } = ask();
    conversation.detach();
    conversation.cancel(id);
    begin({ resumed: true, received: 1 });
    transport.take();
    hear({ event: 'ask', id, data: 1, more: true });
    hear({ event: 'ask', id, data: 2, more: true });
    expect(transport.take()).toEqual([{ event: 'nestwire:cancel', id }]);
  });

  it('asks what the server got before it has to refuse more', () => {
    conversation = new Conversation({ codec: json, isResumable: true, maxQueued: 4 });
    begin();
    for (const data of [1, 2, 3]) conversation.tell('a', data);
    expect(transport.take().map(({ event }) => event)).toEqual(['a', 'a', 'nestwire:ping', 'a']);
    hear({ event: 'nestwire:pong', data: { received: 3 } });
    for (const data of [4, 5, 6, 7]) conversation.tell('a', data);
    expect(() => conversation.tell('a', 8)).toThrow('4 messages wait for the connection, which is the limit');
  });

  it('forgets a request that cannot be made into JSON', () => {
    expect(() => conversation.ask(1n, new Outcome('ask'))).toThrow(TypeError);
    const next = ask();
    expect(transport.take().map(({ id }) => id)).toEqual([next.id]);
  });

  it('names no more cursors than a server takes: those it heard of last', () => {
    for (let i = 0; i < 200; i++) {
      hear({ event: 'nestwire:joined', data: { channel: `c${i}`, cursor: `1.e.${i}` } });
    }
    begin({ resumed: true });
    const { cursors } = transport.take()[0]!.data as { cursors: object };
    expect(Object.keys(cursors)).toHaveLength(128);
    expect(cursors).toMatchObject({ c72: '1.e.72', c199: '1.e.199' });
  });
});
