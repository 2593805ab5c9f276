import { describe, expect, it } from '@jest/globals';
import { InvalidGatewayError } from '../../../lib/nest/gateway/errors.js';
import { EventTable } from '../../../lib/nest/gateway/event-table.js';
import type { MessageHandler } from '../../../lib/session/index.js';

const handler = (overflow: string): MessageHandler => ({ overflow }) as unknown as MessageHandler;

function table(...events: string[]): EventTable {
  return new EventTable(
    events.map((event) => [event, handler(event)]),
    '/chat',
  );
}

const found = (events: EventTable, event: string): string | undefined => events.find(event)?.overflow;

describe('the handler of an event', () => {
  it('is its own before that of a wildcard, and that of the longest wildcard before others', () => {
    const events = table('*', 'chat.room.*', 'chat.send', 'chat.*');

    expect(
      ['chat.send', 'chat.edit', 'chat.room.join', 'other'].map((event) => found(events, event)),
    ).toEqual(['chat.send', 'chat.*', 'chat.room.*', '*']);
  });

  it('is none where no wildcard fits', () => {
    const events = table('chat.*');

    expect(['chat', 'cha', 'Chat.send', '*'].map((event) => found(events, event))).toEqual(
      new Array(4).fill(undefined),
    );
  });

  it('is none for names that are reserved', () => {
    expect(found(table('*', 'n*'), 'nestwire:cancel')).toBeUndefined();
  });

  it.each(['chat', 'chat.*', '*'])('cannot be given twice (%s)', (event) => {
    expect(() => table(event, event)).toThrow(InvalidGatewayError);
    expect(() => table(event, event)).toThrow(`"${event}" is handled twice on /chat`);
  });
});

describe('the pattern of an event', () => {
  it('is the wildcard that it is found under', () => {
    const events = table('*', 'chat.*', 'chat.send');

    expect(['chat.edit', 'other'].map((event) => events.patternOf(event))).toEqual(['chat.*', '*']);
  });

  it('is none for what is found by itself, or not at all', () => {
    expect(table('chat.*', 'chat.send').patternOf('chat.send')).toBeUndefined();
    expect(table('chat.*').patternOf('nestwire:cancel')).toBeUndefined();
    expect(table('chat').patternOf('other')).toBeUndefined();
  });
});
