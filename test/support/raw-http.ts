import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

/** A TCP connection to `host:port`. */
export async function connectRaw(address: string): Promise<Socket> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

export interface RawHandshake {
  readonly path?: string;
  readonly method?: string;
  readonly version?: string;
  /** Replaces a header, or leaves it out. */
  readonly headers?: Record<string, string | undefined>;
}

/** The head of an opening handshake, right unless told otherwise. */
export function handshake(address: string, { path, method, version, headers }: RawHandshake = {}): string {
  const all = {
    Host: address,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}`,
  );
  return `${method ?? 'GET'} ${path ?? '/'} HTTP/${version ?? '1.1'}\r\n${lines.join('\r\n')}\r\n\r\n`;
}

/** Everything until the other side ends. */
export async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1');
  for await (const chunk of socket) text += String(chunk);
  return text;
}

/** Sends and reads the whole answer. */
export async function exchange(address: string, request: string | Buffer): Promise<string> {
  const socket = await connectRaw(address);
  socket.write(request);
  return readAll(socket);
}

/** A masked text frame whose mask is zero. */
export function textFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
