import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WebSocket } from '../../transport/websocket/index.js';
import { SHUTDOWN_CODE } from '../shutdown/departing-session.js';
import type { Departing } from '../shutdown/shutdown-part.js';
import type { ClientBinding } from './client-binding.js';

/** A client of one of Nest's own gateways, to be told that the server goes away. */
export class DepartingClient implements Departing {
  /** @param binding undefined for a client that no handler was bound to */
  constructor(
    private readonly client: WebSocket,
    private readonly binding: ClientBinding | undefined,
  ) {}

  get unfinished(): readonly string[] {
    return this.binding?.unfinished ?? [];
  }

  async leave(retryMs: number, hurry: Promise<void>): Promise<void> {
    const finished = this.binding?.finished();
    // between the end of a handler and its answer are some promises of Nest's
    if (finished) await Promise.race([finished.then(() => nextTurn()), hurry]);
    this.client.close(SHUTDOWN_CODE, `retry=${retryMs}`);
  }
}
