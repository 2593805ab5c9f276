import { describe, expect, it } from '@jest/globals';
import { SentLog } from '../../lib/client/sent-log.js';

describe('The log of what was sent', () => {
  const filled = (): SentLog => {
    const log = new SentLog();
    for (const text of ['a', 'b', 'c']) log.add(text);
    return log;
  };

  it('numbers from 1', () => {
    expect(filled().add('d')).toBe(4);
  });

  it('keeps what the server may not have', () => {
    const log = filled();
    log.acknowledge(2);
    expect(log.unacknowledged).toEqual(['c']);
    expect(log.add('d')).toBe(4);
  });

  it('is not moved by what was acknowledged before', () => {
    const log = filled();
    log.acknowledge(2);
    log.acknowledge(1);
    expect(log.size).toBe(1);
  });

  it('counts anew in a new session', () => {
    const log = filled();
    log.acknowledge(1);
    log.restart();
    expect(log.size).toBe(0);
    expect(log.add('x')).toBe(1);
  });
});
