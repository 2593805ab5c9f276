import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConflictException, Controller, Param } from '@nestjs/common';
import { Channel, Channels, SseEndpoint, sse } from 'nestwire';
import { Observable, Subject } from 'rxjs';
import { MemoryBroker } from '../../lib/broker/memory/index.js';
import { EventStream } from '../support/event-stream.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';

let runs: string[] = [];
let ended: string[] = [];
const jobs = new Map<string, Subject<unknown>>();

/** More than may be queued for a client. */
const ARCHIVE = { history: { size: 1_000, bytes: 2 ** 23 } };

@Controller()
class FeedController {
  constructor(private readonly channels: Channels) {}

  @SseEndpoint('news')
  news(): Channel {
    return this.channels.channel('news', { event: 'headline', history: { size: 3 } });
  }

  @SseEndpoint('archive')
  archive(): Channel {
    return this.channels.channel('archive', ARCHIVE);
  }

  @SseEndpoint('forgetful')
  forgetful(): Channel {
    return this.channels.channel('forgetful');
  }

  @SseEndpoint('jobs/:id', {
    replay: { key: ({ params }) => params['id']!, history: { size: 3 }, maxKeys: 2 },
  })
  job(@Param('id') id: string): Observable<unknown> {
    runs.push(id);
    return new Observable((subscriber) => {
      const job = new Subject<unknown>();
      jobs.set(id, job);
      const subscription = job.subscribe(subscriber);
      return () => {
        subscription.unsubscribe();
        ended.push(id);
      };
    });
  }
}

class CountingBroker extends MemoryBroker {
  reads = 0;

  override history(...args: Parameters<MemoryBroker['history']>): ReturnType<MemoryBroker['history']> {
    this.reads++;
    return super.history(...args);
  }
}

interface Poll {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { events: { event: string; data: unknown; cursor: string }[]; cursor: string; done?: true };
}

describe.each<Platform>(['Express', 'Fastify'])('@SseEndpoint with cursors, on %s', (platform) => {
  let test: TestApp;
  let broker: CountingBroker;
  const open: EventStream[] = [];

  beforeEach(async () => {
    runs = [];
    ended = [];
    jobs.clear();
    broker = new CountingBroker();
    test = await startApp({ module: { controllers: [FeedController] }, platform, nestwire: { broker } });
  });

  afterEach(async () => {
    for (const stream of open.splice(0)) stream.close();
    // fetch opens another connection when a request is aborted, and leaves it idle
    test.server.closeAllConnections();
    await test.close();
  });

  const url = (path: string): string => `http://${test.address}/${path}`;

  const publish = (name: string, data: unknown): Promise<unknown> =>
    test.app.get(Channels, { strict: false }).channel(name).publish(data);

  /** Declared as the endpoint does it, when it has not been asked yet. */
  function news(): Channel {
    const channels = test.app.get(Channels, { strict: false });
    return channels.channel('news', { event: 'headline', history: { size: 3 } });
  }

  async function stream(path: string, lastEventId?: string): Promise<EventStream> {
    const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    const opened = await EventStream.open(url(path), { headers });
    open.push(opened);
    await opened.until(({ retryMs }) => retryMs !== undefined);
    return opened;
  }

  async function poll(path: string, waitSeconds?: number, signal?: AbortSignal): Promise<Poll> {
    const headers = {
      Accept: 'application/json',
      ...(waitSeconds !== undefined && { Prefer: `wait=${waitSeconds}` }),
    };
    const response = await fetch(url(path), { headers, ...(signal && { signal }) });
    const text = await response.text();
    const body = (text === '' ? undefined : JSON.parse(text)) as Poll['body'];
    return { status: response.status, headers: response.headers, body };
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await turn();
  }

  describe('a channel as an event stream', () => {
    it('is live, with cursors as ids, under its event', async () => {
      await news().publish('old');
      const live = await stream('news');
      await publish('news', 'new');

      const event = await live.next();
      expect(event).toMatchObject({ event: 'headline', data: 'new' });
      expect(event!.id).toMatch(/^1\.[\w-]+\.2$/);
      expect(live.headers.get('nestwire-recovered')).toBeNull();
    });

    it('tells a client where it stands before anything was published', async () => {
      await news().publish('old');
      const { id } = await stream('news');
      await publish('news', 'missed');

      const back = await stream('news', id);
      expect(await back.next()).toMatchObject({ data: 'missed' });
    });

    it('resumes after Last-Event-ID, which counts more than ?cursor=', async () => {
      const first = await stream('news');
      for (const data of ['a', 'b', 'c']) await publish('news', data);
      const [a, b] = await first.take(2);

      const byHeader = await stream(`news?cursor=${a!.id}`, b!.id);
      expect(byHeader.headers.get('nestwire-recovered')).toBe('true');
      expect(await byHeader.next()).toMatchObject({ data: 'c' });
      const byQuery = await stream(`news?cursor=${a!.id}`);
      expect((await byQuery.take(2)).map(({ data }) => data)).toEqual(['b', 'c']);
    });

    it('gives a client more than may be queued for it as fast as it reads, then what was published meanwhile', async () => {
      const archive = test.app.get(Channels, { strict: false }).channel('archive', ARCHIVE);
      const texts = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(10_000)}`);
      for (const text of texts) await archive.publish(text);

      const all = await stream('archive?cursor=start');
      const first = await all.next();
      await archive.publish('meanwhile');
      const others = await all.take(300);
      expect([first, ...others].map((event) => event!.data)).toEqual([...texts, 'meanwhile']);
    });

    it('begins with all that is kept for ?cursor=start', async () => {
      for (const data of ['a', 'b', 'c', 'd']) await news().publish(data);

      const all = await stream('news?cursor=start');
      expect((await all.take(3)).map(({ data }) => data)).toEqual(['b', 'c', 'd']);
    });

    it.each([
      ['malformed', 'x'.repeat(10_000)],
      ['of another epoch', '1.otherepoch.1'],
      ['negative', '1.otherepoch.-1'],
      ['beyond all integers', '1.otherepoch.9007199254740993'],
    ])('S7: tells a gap for a cursor that is %s, and goes on live', async (_, cursor) => {
      await news().publish('old');
      const resumed = await stream('news', cursor);

      expect(resumed.headers.get('nestwire-recovered')).toBe('false');
      const gap = await resumed.next();
      expect(gap).toMatchObject({ event: 'nestwire:gap' });
      expect(JSON.parse(gap!.data)).toEqual({ recovered: false, cursor: gap!.id });
      await publish('news', 'new');
      expect(await resumed.next()).toMatchObject({ data: 'new' });
    });

    it('tells a gap when the history does not reach back so far', async () => {
      const { id } = await stream('news');
      for (const data of ['a', 'b', 'c', 'd']) await publish('news', data);

      const late = await stream('news', id);
      expect(await late.next()).toMatchObject({ event: 'nestwire:gap', id: expect.stringMatching(/\.4$/) });
    });

    it('without history is live only, and says that nothing can be recovered', async () => {
      const live = await stream('forgetful', '1.epoch.1');
      expect(await live.next()).toMatchObject({ event: 'nestwire:gap', data: '{"recovered":false}' });
      await publish('forgetful', 1);
      expect(await live.next()).toEqual({ event: 'message', data: '1', id: '' });
    });
  });

  describe('a channel as a poll', () => {
    it('begins with where it stands, and is given what follows', async () => {
      await news().publish('old');
      const first = await poll('news');
      expect(first).toMatchObject({ status: 200, body: { events: [] } });
      expect(first.headers.get('vary')).toBe('Accept, Prefer');
      expect(first.headers.get('cache-control')).toMatch('no-store');

      await publish('news', { n: 1 });
      await publish('news', { n: 2 });
      const second = await poll(`news?cursor=${first.body.cursor}`);
      expect(second.body.events).toEqual([
        { event: 'headline', data: { n: 1 }, cursor: expect.stringMatching(/\.2$/) },
        { event: 'headline', data: { n: 2 }, cursor: second.body.cursor },
      ]);
      expect(second.headers.get('nestwire-recovered')).toBe('true');
    });

    it('is 204 with the cursor when there is nothing new, at once or after the wait', async () => {
      const { cursor } = (await poll('news')).body;

      for (const wait of [undefined, 0, 1]) {
        const empty = await poll(`news?cursor=${cursor}`, wait);
        expect(empty.status).toBe(204);
        expect(empty.headers.get('nestwire-cursor')).toBe(cursor);
      }
    });

    it('waits for the next publication, and gets those of the same tick', async () => {
      const { cursor } = (await poll('news')).body;
      const waiting = poll(`news?cursor=${cursor}`, 20);
      const another = poll(`news?cursor=${cursor}`, 20);
      await untilWaiting(2);
      void publish('news', 1);
      void publish('news', 2);

      for (const { body } of await Promise.all([waiting, another])) {
        expect(body.events.map(({ data }) => data)).toEqual([1, 2]);
      }
    });

    it('is given again to a client that left before the answer', async () => {
      const { cursor } = (await poll('news')).body;
      const controller = new AbortController();
      const left = poll(`news?cursor=${cursor}`, 20, controller.signal);
      await untilWaiting(1);
      controller.abort();
      await expect(left).rejects.toThrow();
      await publish('news', 'once');

      expect((await poll(`news?cursor=${cursor}`)).body.events).toMatchObject([{ data: 'once' }]);
    });

    it('tells a gap', async () => {
      await news().publish('old');
      const { body, headers, status } = await poll('news?cursor=1.otherepoch.5', 20);

      expect(status).toBe(200);
      expect(headers.get('nestwire-recovered')).toBe('false');
      expect(body.events).toEqual([
        { event: 'nestwire:gap', data: { recovered: false, cursor: body.cursor }, cursor: body.cursor },
      ]);
    });

    it('ends at shutdown with the time to come back after', async () => {
      const { cursor } = (await poll('news')).body;
      const waiting = poll(`news?cursor=${cursor}`, 20);
      await untilWaiting(1);
      const closing = test.close();

      expect((await waiting).body).toMatchObject({ events: [], cursor, retryMs: expect.any(Number) });
      await closing;
    });

    it('is 406 for a channel without history', async () => {
      expect((await poll('forgetful')).status).toBe(406);
    });

    /** Polls that were asked since the first one: each reads the history twice before it waits. */
    async function untilWaiting(count: number): Promise<void> {
      await until(() => broker.reads >= 1 + 2 * count);
    }
  });

  describe('replay', () => {
    it('runs the method once for all who ask for the same key', async () => {
      const first = await stream('jobs/a');
      await until(() => jobs.has('a'));
      jobs.get('a')!.next('one');
      const second = await stream('jobs/a');
      jobs.get('a')!.next('two');

      expect((await first.take(2)).map(({ data }) => data)).toEqual(['one', 'two']);
      expect((await second.take(2)).map(({ data }) => data)).toEqual(['one', 'two']);
      expect(runs).toEqual(['a']);
    });

    it('ends with a cursor that is answered by 204 from then on', async () => {
      const first = await stream('jobs/a');
      await until(() => jobs.has('a'));
      jobs.get('a')!.next('one');
      jobs.get('a')!.complete();
      const events = await first.rest();
      expect(events).toMatchObject([{ data: 'one' }, { event: 'nestwire:done' }]);

      const again = await EventStream.open(url('jobs/a'), { headers: { 'Last-Event-ID': events[1]!.id } });
      expect(again.status).toBe(204);
      expect(runs).toEqual(['a']);
    });

    it('gives a finished run to who comes later, without running it again', async () => {
      await stream('jobs/a');
      await until(() => jobs.has('a'));
      for (const n of [1, 2, 3, 4]) jobs.get('a')!.next(sse({ event: 'step', id: 'mine', data: n }));
      jobs.get('a')!.complete();

      expect(await (await stream('jobs/a')).rest()).toMatchObject([
        { event: 'step', data: '2' },
        { event: 'step', data: '3' },
        { event: 'step', data: '4', id: expect.stringMatching(/^1\..*\.4$/) },
        { event: 'nestwire:done' },
      ]);
      expect(runs).toEqual(['a']);
    });

    it('can be polled to its end', async () => {
      const first = await poll('jobs/a');
      expect(first).toMatchObject({ status: 200, body: { events: [] } });
      await until(() => jobs.has('a'));
      jobs.get('a')!.next(1);
      const second = await poll(`jobs/a?cursor=${first.body.cursor}`, 20);
      expect(second.body.events).toMatchObject([{ event: 'message', data: 1 }]);
      jobs.get('a')!.complete();
      const third = await poll(`jobs/a?cursor=${second.body.cursor}`, 20);

      expect(third.body).toMatchObject({ events: [], done: true });
      expect((await poll(`jobs/a?cursor=${third.body.cursor}`)).body).toEqual(third.body);
      expect((await poll('jobs/a')).body).toMatchObject({ events: [{ data: 1 }], done: true });
    });

    it('remembers that a run failed, and does not repeat it', async () => {
      const first = await stream('jobs/a');
      await until(() => jobs.has('a'));
      jobs.get('a')!.next('one');
      jobs.get('a')!.error(new ConflictException('broken'));
      const [one, error] = await first.rest();
      expect(JSON.parse(error!.data)).toMatchObject({ code: 'CONFLICT', message: 'broken' });

      const again = await EventStream.open(url('jobs/a'), { headers: { 'Last-Event-ID': error!.id } });
      expect(again.status).toBe(204);
      expect((await poll('jobs/a')).body.events).toMatchObject([{ data: 'one' }]);
      expect((await poll(`jobs/a?cursor=${one!.id}`)).status).toBe(409);
      expect(runs).toEqual(['a']);
    });

    it('ends for a client whose cursor is of another run, with a gap', async () => {
      await stream('jobs/a');
      await until(() => jobs.has('a'));
      jobs.get('a')!.next('one');
      jobs.get('a')!.complete();

      const foreign = await (await stream('jobs/a', '1.otherepoch.1')).rest();
      expect(foreign.map(({ event }) => event)).toEqual(['nestwire:gap', 'nestwire:done']);
      const { body } = await poll('jobs/a?cursor=1.otherepoch.1', 20);
      expect(body).toMatchObject({ events: [{ event: 'nestwire:gap' }], done: true });
    });

    it('goes on when its first client has left', async () => {
      const first = await stream('jobs/a');
      await until(() => jobs.has('a'));
      first.close();
      jobs.get('a')!.next('unseen');

      expect(await (await stream('jobs/a')).next()).toMatchObject({ data: 'unseen' });
    });

    it('keeps a bounded number of runs: ended ones make way, others refuse', async () => {
      const streams = [await stream('jobs/a'), await stream('jobs/b')];
      await until(() => jobs.size === 2);
      expect((await poll('jobs/c')).status).toBe(503);

      jobs.get('a')!.complete();
      await streams[0]!.rest();
      await until(() => ended.includes('a'));
      expect((await poll('jobs/c')).status).toBe(200);
      await poll('jobs/b');
      expect(runs).toEqual(['a', 'b', 'c']);
    });

    it('ends its runs at shutdown', async () => {
      await stream('jobs/a');
      await until(() => jobs.has('a'));
      await test.close();

      expect(ended).toEqual(['a']);
    });
  });
});
