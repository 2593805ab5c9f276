/** A load balancer that knows nothing of sessions: each request, and each upgrade, goes to the next node. */
import { once } from 'node:events';
import {
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
  request as ask,
} from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export class RoundRobin {
  private turn = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((request, response) => this.pass(request, response))
    .on('upgrade', (request: IncomingMessage, socket: Duplex) => this.upgrade(request, socket))
    .on('connection', (socket: Socket) => this.sockets.add(socket.on('error', () => undefined)));

  private constructor(private readonly targets: string[]) {}

  /** @param targets `host:port` of each node */
  static async start(targets: readonly string[]): Promise<RoundRobin> {
    const balancer = new RoundRobin([...targets]);
    balancer.server.listen(0, '127.0.0.1');
    await once(balancer.server, 'listening');
    return balancer;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private next(): { host: string; port: number } {
    const [host, port] = this.targets[this.turn++ % this.targets.length]!.split(':');
    return { host: host!, port: Number(port) };
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, url: path, headers } = request;
    const passed = ask({ ...this.next(), method, path, headers, agent: false });
    passed.on('error', () => response.destroy());
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      response.flushHeaders();
      answer.on('error', () => response.destroy()).pipe(response);
    });
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  }

  private upgrade({ url, rawHeaders }: IncomingMessage, client: Duplex): void {
    const { host, port } = this.next();
    const node = connect(port, host);
    const lines = rawHeaders.map((text, i) => (i % 2 ? `${text}\r\n` : `${text}: `)).join('');
    node.write(`GET ${url} HTTP/1.1\r\n${lines}\r\n`);
    client.pipe(node).pipe(client);
    for (const socket of [client, node]) socket.on('error', () => undefined);
    client.on('close', () => node.destroy());
    node.on('close', () => client.destroy());
  }

  /** No more goes there. */
  remove(target: string): void {
    this.targets.splice(this.targets.indexOf(target), 1);
  }

  /** All connections break off; clients come back to other nodes. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
