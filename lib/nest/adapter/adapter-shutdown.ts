/** How the clients of Nest's own gateways are left: by the same `Shutdown` as those of ours. */
import type { WebSocket, WebSocketServer } from '../../transport/websocket/index.js';
import { SHUTDOWN_CODE } from '../shutdown/departing-session.js';
import type { Departing, ShutdownPart } from '../shutdown/shutdown-part.js';
import type { ClientBinding } from './client-binding.js';
import { DepartingClient } from './departing-client.js';

export class AdapterShutdown implements ShutdownPart {
  private closed: Promise<unknown> = Promise.resolve();

  /** @param isForced whether the application does not want to wait for anybody */
  constructor(
    private readonly servers: ReadonlySet<WebSocketServer>,
    private readonly bindings: WeakMap<WebSocket, ClientBinding>,
    private readonly isForced: () => boolean,
  ) {}

  refuseNewcomers(): Departing[] {
    this.closed = Promise.all([...this.servers].map(closeServer));
    const { clients, bindings } = this;
    if (!this.isForced()) return clients.map((client) => new DepartingClient(client, bindings.get(client)));
    for (const client of clients) client.close(SHUTDOWN_CODE);
    // a close frame leaves at the end of the tick
    setImmediate(() => this.cutOff());
    return [];
  }

  async emptied(): Promise<void> {
    await this.closed;
  }

  cutOff(): void {
    for (const client of this.clients) client.terminate();
  }

  /** Their ports stay, and answer 503, until Nest calls the adapter's `dispose`. */
  async close(): Promise<void> {}

  private get clients(): WebSocket[] {
    return [...this.servers].flatMap(({ clients }) => [...clients]);
  }
}

/** Settles when the last client is gone; or at once if the application has closed it before. */
const closeServer = (server: WebSocketServer): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));
