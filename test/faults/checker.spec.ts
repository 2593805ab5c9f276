import { describe, expect, it } from '@jest/globals';
import {
  type Acknowledgement,
  type LogEntry,
  type ReaderLog,
  type Verdict,
  check,
  isKept,
} from './checker.js';

/** Publication n of an epoch has n as its id, but for epochs other than `a`. */
const ack = (offset: number, epoch = 'a', id = offset): Acknowledgement => ({
  channel: 'c',
  epoch,
  offset,
  id,
});
const acks = [1, 2, 3, 4].map((offset) => ack(offset));
const got = (offset: number, epoch = 'a', id = offset): LogEntry => [id, epoch, offset];
const gap = (offset: number, epoch = 'a'): LogEntry => [null, epoch, offset];

const reader = (...entries: LogEntry[]): ReaderLog => ({
  reader: 'r',
  channel: 'c',
  start: { epoch: 'a', offset: 0 },
  entries,
});

function violations(acknowledged: Acknowledgement[], ...entries: LogEntry[]): Partial<Verdict['violations']> {
  const verdict = check(acknowledged, [reader(...entries)]);
  const found = Object.entries(verdict.violations).filter(([, count]) => count > 0);
  expect(isKept(verdict)).toBe(found.length === 0);
  expect(verdict.examples).toHaveLength(found.length);
  return Object.fromEntries(found);
}

describe('The checker is content with', () => {
  it('everything received in order and once', () => {
    expect(violations(acks, got(1), got(2), got(3), got(4))).toEqual({});
  });

  it('publications that nobody acknowledged', () => {
    expect(violations([ack(1)], got(1), got(2), got(3))).toEqual({});
  });

  it('a gap that says where it ends', () => {
    expect(violations(acks, got(1), gap(3), got(4))).toEqual({});
    expect(check(acks, [reader(got(1), gap(3), got(4))])).toMatchObject({ received: 2, gaps: 1, covered: 2 });
  });

  it('a gap that does not, up to what follows it', () => {
    expect(violations(acks, got(1), [null], got(4))).toEqual({});
  });

  it('a new epoch behind a gap, and one between that nobody saw', () => {
    const three = [...acks, ack(1, 'b', 10), ack(1, 'c', 20), ack(2, 'c', 21)];
    expect(violations(three, got(1), gap(1, 'c'), got(2, 'c', 21))).toEqual({});
  });

  it('what other channels have', () => {
    expect(violations([{ ...ack(1), channel: 'other' }])).toEqual({});
  });
});

describe('The checker finds', () => {
  it('what is missing at the end', () => {
    expect(violations(acks, got(1), got(2), got(3))).toEqual({ lost: 1 });
  });

  it('what is missing in between, acknowledged or not', () => {
    expect(violations(acks, got(1), got(3), got(4))).toEqual({ hole: 1, lost: 1 });
    expect(violations([ack(1)], got(1), got(3))).toEqual({ hole: 1 });
  });

  it('what comes twice, and what comes late', () => {
    expect(violations(acks, got(1), got(2), got(2), got(3), got(4))).toEqual({ twice: 1 });
    expect(violations([], got(1), gap(3), got(2))).toEqual({ backwards: 1 });
  });

  it('what comes twice around a gap that leads back', () => {
    expect(violations([], got(1), got(2), gap(0), got(1))).toEqual({ twice: 1 });
  });

  it('a gap that ends before what follows it', () => {
    expect(violations(acks, got(1), gap(2), got(4))).toEqual({ hole: 1, lost: 1 });
  });

  it('an epoch that changes without a word', () => {
    expect(violations(acks, got(1), got(1, 'b', 10))).toEqual({ hole: 1, lost: 3 });
  });

  it('positions that name two publications, whoever says so', () => {
    expect(violations([ack(1), ack(1, 'a', 99)], got(1))).toEqual({ reused: 1 });
    expect(violations([ack(1)], got(1, 'a', 99))).toEqual({ reused: 1 });
  });

  it('offsets that begin anew in an old epoch', () => {
    const log = { ...reader(got(6), got(7)), start: { epoch: 'a', offset: 5 } };
    const { violations: found } = check([ack(6), ack(7), ack(1, 'a', 8)], [log]);
    expect(found).toMatchObject({ lost: 1, reused: 0 });
  });

  it('what a gap of another stretch does not cover', () => {
    const more = [...acks, ack(5), ack(6)];
    expect(violations(more, got(1), gap(2), got(3), got(4), got(5))).toEqual({ lost: 1 });
  });
});
