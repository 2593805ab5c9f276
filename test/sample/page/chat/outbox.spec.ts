import { describe, expect, it } from '@jest/globals';
import { Outbox } from '../../../../sample/page/chat/outbox.js';
import { type TextStore } from '../../../../sample/page/text-store.js';

function memoryStore(): TextStore {
  const texts = new Map<string, string>();
  return { read: (key) => texts.get(key), write: (key, value) => void texts.set(key, value) };
}

const draft = (id: string, channel = 'general') => ({ id, channel, text: `text of ${id}` });

describe('The outbox', () => {
  it('gives messages in the order they were written until they are confirmed', () => {
    const outbox = new Outbox(memoryStore());
    outbox.add(draft('1'));
    outbox.add(draft('2'));
    expect(outbox.next?.id).toBe('1');
    outbox.remove('1');
    expect(outbox.next?.id).toBe('2');
    outbox.remove('2');
    expect(outbox.next).toBeUndefined();
  });

  it('still has them after the tab was loaded again', () => {
    const store = memoryStore();
    new Outbox(store).add(draft('1'));
    expect(new Outbox(store).next).toEqual(draft('1'));
  });

  it('passes over a refused message until it is to be tried again', () => {
    const outbox = new Outbox(memoryStore());
    outbox.add(draft('1'));
    outbox.refuse('1', 'too rude');
    expect(outbox.next).toBeUndefined();
    expect(outbox.of('general')[0]?.refusal).toBe('too rude');
    outbox.refuse('1', undefined);
    expect(outbox.next?.id).toBe('1');
  });

  it('tells the messages of one channel from those of another', () => {
    const outbox = new Outbox(memoryStore());
    outbox.add(draft('1', 'general'));
    outbox.add(draft('2', 'help'));
    expect(outbox.of('help').map(({ id }) => id)).toEqual(['2']);
  });
});
