/** Tries the best transport again while another one carries the session. */
import { later } from './later.js';
import type { ServerMessage } from './open-requests.js';
import type { ClientTransport, ClientTransportEvents } from './transport/transport.js';

/** What a transport that was taken over tells its new owner. */
type Owner = Pick<ClientTransportEvents, 'message' | 'closed'>;

/** @param message the first of the connection */
export type TakeOver = (transport: ClientTransport, message: ServerMessage) => Owner;

const MAX_PAUSE_MS = 3_600_000;

export class Probe {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private transport: ClientTransport | undefined;
  private run: object | undefined;
  private pauseMs: number;

  constructor(
    private readonly firstPauseMs: number,
    private readonly timeoutMs: number,
    private readonly open: (events: ClientTransportEvents) => Promise<ClientTransport>,
  ) {
    this.pauseMs = firstPauseMs;
  }

  get isUnderWay(): boolean {
    return this.transport !== undefined;
  }

  /** Tries after a pause, and again after longer ones, until it works or is stopped. */
  start(takeOver: TakeOver): void {
    this.stop();
    this.timer = later(() => void this.try(takeOver), this.pauseMs);
  }

  private async try(takeOver: TakeOver): Promise<void> {
    const run = {};
    this.run = run;
    let owner: Owner | undefined;
    const failed = (): void => {
      if (this.run === run) this.again(takeOver);
    };
    try {
      const transport = await this.open({
        opened: () => undefined,
        message: (message) =>
          owner ? owner.message(message) : (owner = this.succeed(run, takeOver, message)),
        closed: (ending) => (owner ? owner.closed(ending) : failed()),
      });
      if (this.run !== run) return transport.abandon();
      this.transport = transport;
      this.timer = later(failed, this.timeoutMs);
    } catch {
      failed();
    }
  }

  private succeed(run: object, takeOver: TakeOver, message: ServerMessage): Owner | undefined {
    const { transport } = this;
    if (this.run !== run || !transport) return undefined;
    this.release();
    this.pauseMs = this.firstPauseMs;
    return takeOver(transport, message);
  }

  private again(takeOver: TakeOver): void {
    this.pauseMs = Math.min(2 * this.pauseMs, MAX_PAUSE_MS);
    this.start(takeOver);
  }

  stop(): void {
    this.transport?.abandon();
    this.release();
  }

  private release(): void {
    clearTimeout(this.timer);
    this.transport = undefined;
    this.run = undefined;
  }
}
