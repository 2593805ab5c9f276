/** Stands between a client and a server, and does what networks and proxies do. */
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

export class TcpProxy {
  /** Answers 400 to whoever wants to upgrade, as proxies do that know nothing of WebSocket. */
  refusesUpgrades = false;
  /** Holds what the server sends until the answer is complete, as proxies do that gather answers. */
  buffers = false;
  /** Swallows what either side sends, as a network does that is gone. */
  isSilent = false;
  private readonly links = new Set<Link>();
  private readonly server: Server;

  private constructor(private readonly target: number) {
    this.server = createServer((client) => this.accept(client));
  }

  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get openLinks(): number {
    return this.links.size;
  }

  private accept(client: Socket): void {
    const link = new Link(client, connect(this.target, '127.0.0.1'), this);
    this.links.add(link);
    link.closed.then(
      () => this.links.delete(link),
      () => undefined,
    );
  }

  /** Resets all connections, both ways. */
  cut(): void {
    for (const link of this.links) link.reset();
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}

class Link {
  readonly closed: Promise<unknown>;
  private readonly held: Buffer[] = [];

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    proxy: TcpProxy,
  ) {
    client.on('data', (bytes: Buffer) => {
      if (proxy.isSilent) return;
      if (proxy.refusesUpgrades && /^upgrade: *websocket/im.test(bytes.toString('latin1')))
        return this.refuse();
      server.write(bytes);
    });
    server.on('data', (bytes: Buffer) => {
      if (proxy.isSilent) return;
      if (proxy.buffers) this.hold(bytes);
      else client.write(bytes);
    });
    client.on('end', () => server.end());
    server.on('end', () => client.end(Buffer.concat(this.held)));
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    this.closed = once(client, 'close');
  }

  private refuse(): void {
    this.client.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  }

  /** An answer of known length, or without a body, is complete at once. */
  private hold(bytes: Buffer): void {
    this.held.push(bytes);
    const text = Buffer.concat(this.held).toString('latin1');
    const isEndless = /^content-type: *text\/event-stream/im.test(text) && !text.endsWith('0\r\n\r\n');
    if (!isEndless) this.client.write(Buffer.concat(this.held.splice(0)));
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }
}
