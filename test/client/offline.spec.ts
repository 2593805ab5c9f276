import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { resolveOptions, type ConnectOptions } from '../../lib/client/client-options.js';
import { Conversation } from '../../lib/client/conversation.js';
import { FallBack } from '../../lib/client/fall-back.js';
import { Link } from '../../lib/client/link.js';
import type { TransportKind } from '../../lib/client/transport/transport.js';
import { FakeTransport, fakeOpener } from './support/fake-transport.js';

const KINDS: readonly TransportKind[] = ['websocket', 'event-stream', 'long-polling'];
const PONG = { event: 'nestwire:pong', data: { received: 0 } };

/** A page whose browser has opinions about the network. */
describe('A client in a page that goes off line', () => {
  const window = new EventTarget();
  const globals = globalThis as Record<string, unknown>;
  let opened: FakeTransport[];
  let link: Link;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(Math, 'random').mockReturnValue(0.999);
    globals['addEventListener'] = window.addEventListener.bind(window);
    globals['removeEventListener'] = window.removeEventListener.bind(window);
    opened = [];
  });

  afterEach(() => {
    link.close(1000, '');
    Reflect.deleteProperty(globals, 'addEventListener');
    Reflect.deleteProperty(globals, 'removeEventListener');
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  async function start(kinds = KINDS, options: ConnectOptions = {}): Promise<FakeTransport> {
    const settings = resolveOptions(options);
    const conversation = new Conversation(settings);
    const fallBack = new FallBack(kinds.map((kind) => fakeOpener(opened, kind)));
    link = new Link(new URL('ws://example.com/'), fallBack, conversation, settings);
    return passed(0);
  }

  /** @returns what was opened last */
  async function passed(ms: number): Promise<FakeTransport> {
    await jest.advanceTimersByTimeAsync(ms);
    return opened.at(-1)!;
  }

  const hear = (type: 'offline' | 'online'): unknown => window.dispatchEvent(new Event(type));
  const sentBy = (transport: FakeTransport): string[] => transport.take().map(({ event }) => event);

  it('asks the server at once, and says that it is off line when there is no answer', async () => {
    const transport = await start();
    transport.begin();
    hear('offline');
    expect(sentBy(transport)).toEqual(['nestwire:ping']);
    await passed(1_999);
    expect(link.status$.value.state).toBe('open');
    await passed(1);
    expect(link.status$.value).toMatchObject({ state: 'waiting', code: 1006, reason: 'off line' });
    expect(transport.isAbandoned).toBe(true);
  });

  it('keeps its connection when the server answers after all', async () => {
    const transport = await start();
    transport.begin();
    hear('offline');
    transport.events!.message(PONG);
    hear('online');
    transport.events!.message(PONG);
    await passed(100_000);
    expect(link.status$.value).toEqual({ state: 'open', transport: 'websocket' });
    expect(opened).toEqual([transport]);
  });

  it('goes on trying, since the browser may be wrong, and resumes its session', async () => {
    const transport = await start();
    transport.begin();
    hear('offline');
    await passed(2_000);
    expect((await passed(500)).ticket?.session).toBe('s.x');
    opened.at(-1)!.begin({ resumed: true });
    expect(link.status$.value.state).toBe('open');
  });

  it('tries again at once when it is on line, by the transport that worked before', async () => {
    (await start()).end();
    (await passed(0)).begin();
    hear('offline');
    await passed(2_000);
    (await passed(500)).end();
    (await passed(0)).end();
    expect(link.status$.value.state).toBe('waiting');
    hear('online');
    expect(link.status$.value).toEqual({ state: 'connecting', attempt: 1 });
    expect((await passed(0)).kind).toBe('event-stream');
  });

  it('gives an attempt up that was begun without a network', async () => {
    const transport = await start();
    transport.begin();
    transport.end();
    const attempt = await passed(500);
    hear('offline');
    hear('online');
    const next = await passed(0);
    expect(attempt.isAbandoned).toBe(true);
    next.begin({ resumed: true });
    expect(link.status$.value).toEqual({ state: 'open', transport: 'websocket' });
    expect(opened).toHaveLength(3);
  });

  it.each<[string, readonly TransportKind[], ConnectOptions]>([
    ['a plain session', ['websocket'], { resumable: false }],
    ['short polls', ['short-polling'], {}],
  ])('does not ask by %s', async (_, kinds, options) => {
    const transport = await start(kinds, options);
    transport.events!.opened();
    if (options.resumable !== false) transport.begin();
    hear('offline');
    await passed(100_000);
    expect(sentBy(transport)).toEqual([]);
    expect(link.status$.value.state).toBe('open');
  });
});
