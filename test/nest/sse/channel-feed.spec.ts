import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Subscription } from 'rxjs';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import { type Channel, Channels, type Position, type Replay } from '../../../lib/channel/index.js';
import { feedChannel, readPublications } from '../../../lib/nest/sse/channel-feed.js';
import { Exchange, type Opening } from '../../../lib/nest/sse/exchange.js';
import type { SseItemFields } from '../../../lib/nest/sse/sse-item.js';
import { DEFAULT_LIMITS, Outbound } from '../../../lib/session/index.js';

/** Loses its histories as often as it is told to. */
class ForgetfulBroker extends MemoryBroker {
  losses = 0;

  override async history(channel: string, after: Position | undefined): Promise<Replay> {
    const replay = await super.history(channel, after);
    if (this.losses === 0) return replay;
    this.losses--;
    return { ...replay, recovered: false, publications: [] };
  }
}

describe('the feed of a channel that loses its history', () => {
  const broker = new ForgetfulBroker();
  const channel: Channel = new Channels(broker).channel('c', { history: {} });
  const seen: unknown[] = [];
  let failure: unknown;

  async function follow(): Promise<Subscription> {
    const request = { platform: {} as never, form: 'event-stream' as const, cursor: undefined, waitMs: 0 };
    const outbound = new Outbound(DEFAULT_LIMITS, { outboundOverflowed: () => undefined });
    const exchange = new Exchange(request, outbound, () => Promise.reject(new Error('not shared')));
    exchange.answer = {
      // the position is known: from now on it is lost
      opened: (opening: Opening) => seen.push(opening.cursor),
      sendDirectly: ({ event }: SseItemFields) => seen.push(event),
    };
    const feed = feedChannel(exchange, channel, readPublications(exchange, channel));
    const subscription = feed.subscribe({
      next: (data) => seen.push(data),
      error: (error: unknown) => (failure = error),
    });
    await turn();
    return subscription;
  }

  it('tells each gap and goes on, but not for ever', async () => {
    const subscription = await follow();
    await channel.publish(1);
    expect(seen).toEqual([expect.stringMatching(/\.0$/), 1]);
    subscription.unsubscribe();

    seen.length = 0;
    const again = follow();
    // one is read for the position, which nobody has asked to be recovered
    broker.losses = 3;
    await again;
    await turn();
    await channel.publish(2);
    expect(seen).toEqual([expect.stringMatching(/\.1$/), 'nestwire:gap', 'nestwire:gap', 2]);
    expect(failure).toBeUndefined();

    broker.losses = 1_000;
    await follow();
    await turn();
    expect(failure).toMatchObject({ code: 'CHANNEL_GAP' });
    await broker.close();
  });
});
