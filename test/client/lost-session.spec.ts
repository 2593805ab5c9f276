/** The server forgets the session: what a client gets back of its channels, over each transport. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom, take, toArray } from 'rxjs';
import { type Client, type Gap, type Status, type TransportKind, connect } from 'nestwire/client';
import { FeedGateway } from '../support/feed-gateway.js';
import { type TestApp, startApp } from '../support/test-app.js';

describe.each<TransportKind>(['websocket', 'event-stream', 'long-polling', 'short-polling'])(
  'A client whose session is lost, over %s',
  (transport) => {
    let app: TestApp;
    let gateway: FeedGateway;
    let client: Client;
    let gaps: Gap[];

    beforeEach(async () => {
      app = await startApp({ module: { providers: [FeedGateway] } });
      gateway = app.app.get(FeedGateway);
      client = connect(`http://${app.address}/feed`, {
        transports: [transport],
        polling: { intervalMs: 5 },
        // until the test has it come back
        backOff: { minMs: 60_000, maxMs: 60_000 },
      });
      gaps = [];
      client.gaps$.subscribe((gap) => gaps.push(gap));
    });

    afterEach(async () => {
      client.close();
      await app.close();
    });

    const numbers = (event: string, count: number): Promise<unknown[]> =>
      firstValueFrom(client.on(event).pipe(take(count), toArray()));

    const until = (state: Status['state']): Promise<Status> =>
      firstValueFrom(client.status$.pipe(filter((status) => status.state === state)));

    /** The client comes back to a session that the server has ended. */
    async function loseSession(): Promise<void> {
      gateway.sessions[0]!.close(4000, 'lost');
      await until('waiting');
    }

    it('gets what was published meanwhile, in channels that it joins again too', async () => {
      await client.request('more');
      const [news, more] = [numbers('news', 3), numbers('more', 2)];
      const first = Promise.all([numbers('news', 1), numbers('more', 1)]);
      await gateway.news.publish(1);
      await gateway.more.publish(1);
      await first;
      await loseSession();
      await gateway.news.publish(2);
      await gateway.more.publish(2);
      client.retry();
      await until('open');
      await client.request('more');
      await gateway.news.publish(3);
      expect([await news, await more]).toEqual([
        [1, 2, 3],
        [1, 2],
      ]);
      // the session's own messages are lost with it, the channels' are not
      expect(gaps).toEqual([{ channel: undefined }]);
      expect(gateway.sessions).toHaveLength(2);
    });

    it('is told what the history has no more', async () => {
      await client.request('more');
      const [first, news] = [numbers('news', 1), numbers('news', 2)];
      await gateway.news.publish(1);
      await first;
      await loseSession();
      for (const number of [2, 3, 4, 5, 6]) await gateway.news.publish(number);
      client.retry();
      await until('open');
      await client.request('more');
      await gateway.news.publish(7);
      expect(await news).toEqual([1, 7]);
      expect(gaps).toContainEqual({ channel: 'news', cursor: expect.stringMatching(/^1\..*\.6$/) });
    });
  },
);
