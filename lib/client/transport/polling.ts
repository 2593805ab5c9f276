import { type Fetch, HttpSession } from './http-session.js';
import { HttpTransport } from './http-transport.js';
import { pause } from '../pause.js';
import type { ClientTransportEvents, OpenTransport } from './transport.js';

export interface PollOptions {
  /** Time between two polls of a page that is seen. Default 5,000 ms. */
  readonly intervalMs?: number;
  /** Of one that is hidden. Default 30,000 ms. */
  readonly hiddenIntervalMs?: number;
}

/** How long the server is asked to wait for news. */
const WAIT_S = 25;
const LEAST_WAIT_MS = 1_000;

/** Each question waits at the server until there is an answer. */
export function longPollingTransport(fetch: Fetch): OpenTransport {
  return (ticket, events) => new LongPolling(new HttpSession(ticket, fetch), events);
}

/** Questions in an interval of time. */
export function shortPollingTransport(fetch: Fetch, options: PollOptions): OpenTransport {
  return (ticket, events) => new ShortPolling(new HttpSession(ticket, fetch), events, options);
}

abstract class Polling extends HttpTransport {
  /** The last answer that came in whole. */
  private batch: number | undefined;
  protected wasEmpty = false;

  protected override async read(): Promise<void> {
    await this.poll();
    this.opened();
    while (this.isRunning) {
      await this.pause();
      if (this.isRunning) await this.poll();
    }
  }

  /** How long the server may wait for news. */
  protected abstract readonly waitS: number | undefined;
  /** Between two polls. */
  protected abstract pause(): Promise<void>;

  private async poll(): Promise<void> {
    const answer = await this.session.poll(this.waitS, this.batch);
    this.wasEmpty = !answer?.messages.length;
    if (!answer) return;
    this.batch = answer.batch;
    this.hint(answer.retryMs);
    for (const message of answer.messages) this.receive(message);
  }
}

class LongPolling extends Polling {
  readonly kind = 'long-polling';
  protected readonly waitS = WAIT_S;
  private askedAt = 0;

  /** Something between may answer at once for the server: it must not be asked without end. */
  protected async pause(): Promise<void> {
    const sinceMs = performance.now() - this.askedAt;
    if (this.wasEmpty && sinceMs < LEAST_WAIT_MS) await pause(LEAST_WAIT_MS - sinceMs);
    this.askedAt = performance.now();
  }
}

class ShortPolling extends Polling {
  readonly kind = 'short-polling';
  protected readonly waitS = undefined;

  constructor(
    session: HttpSession,
    events: ClientTransportEvents,
    private readonly options: PollOptions,
  ) {
    super(session, events);
  }

  protected pause(): Promise<void> {
    const { intervalMs = 5_000, hiddenIntervalMs = 30_000 } = this.options;
    const { document } = globalThis as { document?: { hidden?: boolean } };
    return pause(document?.hidden ? hiddenIntervalMs : intervalMs);
  }
}
