import { describe, expect, it } from '@jest/globals';
import { Ledger } from '../../../../sample/page/lab/ledger.js';

const cost = (requests: number, bytes: number) => ({ requests, sentBytes: bytes, receivedBytes: bytes });

describe('What an event costs', () => {
  it('is what costs grew by, both ways, over what events did', () => {
    const ledger = new Ledger();
    ledger.add(10, cost(100, 5000));
    ledger.add(14, cost(102, 5200));
    expect(ledger.perEvent).toEqual({ requests: 0.5, bytes: 100 });
  });

  it('is not known before there was an event', () => {
    const ledger = new Ledger();
    ledger.add(10, cost(100, 5000));
    ledger.add(10, cost(105, 6000));
    expect(ledger.perEvent).toBeUndefined();
  });

  it('is that of the last ten seconds', () => {
    const ledger = new Ledger();
    ledger.add(0, cost(0, 0));
    for (let second = 1; second <= 11; second++) ledger.add(second, cost(1000, 100_000));
    expect(ledger.perEvent).toEqual({ requests: 0, bytes: 0 });
  });

  it('begins anew with a server that counts from nothing', () => {
    const ledger = new Ledger();
    ledger.add(10, cost(100, 5000));
    ledger.add(20, cost(1, 10));
    ledger.add(21, cost(2, 20));
    expect(ledger.perEvent).toEqual({ requests: 1, bytes: 20 });
  });
});
