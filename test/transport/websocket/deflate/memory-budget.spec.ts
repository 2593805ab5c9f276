import { afterEach, describe, expect, it } from '@jest/globals';
import type { AcceptedOffer, MessageTransform } from '../../../../lib/protocol/websocket/index.js';
import { reservedDeflateMemory } from '../../../../lib/transport/websocket/deflate/memory-budget.js';
import { perMessageDeflate } from '../../../../lib/transport/websocket/deflate/permessage-deflate.js';

/** zconf.h: (1 << 17) + (1 << 17) to deflate with the defaults, 32 KiB and about 7 KiB to inflate. */
const DEFAULT_BYTES = 256 * 1024 + 39 * 1024;
const NO_TAKEOVER = ['server_no_context_takeover', 'client_no_context_takeover'];

const open: MessageTransform[] = [];

function accept(budget: number, offer: [string, string | true][] = []): AcceptedOffer {
  const accepted = perMessageDeflate({ memoryBudgetBytes: budget }).accept(new Map(offer));
  open.push(accepted!.open({ maxPayload: 1024 }));
  return accepted!;
}

afterEach(() => {
  for (const transform of open.splice(0)) transform.close();
});

describe('the memory of compression windows', () => {
  it('is counted for the whole process while connections are open', () => {
    accept(Infinity);
    accept(Infinity);
    expect(reservedDeflateMemory()).toBe(2 * DEFAULT_BYTES);
    open.pop()!.close();
    expect(reservedDeflateMemory()).toBe(DEFAULT_BYTES);
    open.pop()!.close();
    expect(reservedDeflateMemory()).toBe(0);
  });

  it('beyond the budget is saved by doing without takeover', () => {
    const budget = 2 * DEFAULT_BYTES;
    expect([...accept(budget).parameters.keys()]).toEqual([]);
    expect([...accept(budget).parameters.keys()]).toEqual([]);
    expect([...accept(budget).parameters.keys()]).toEqual(NO_TAKEOVER);
    expect(reservedDeflateMemory()).toBe(budget);
  });

  it('is there again when a connection has ended', () => {
    accept(DEFAULT_BYTES);
    open.pop()!.close();
    expect([...accept(DEFAULT_BYTES).parameters.keys()]).toEqual([]);
  });

  it('is less for smaller windows, and none without takeover', () => {
    accept(Infinity, [
      ['server_max_window_bits', '10'],
      ['client_no_context_takeover', true],
    ]);
    expect(reservedDeflateMemory()).toBe(2 ** 12 + 2 ** 17);
    accept(
      Infinity,
      NO_TAKEOVER.map((name) => [name, true]),
    );
    expect(reservedDeflateMemory()).toBe(2 ** 12 + 2 ** 17);
  });
});
