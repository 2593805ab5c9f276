/** Requests from wherever a test says. */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

export interface From {
  /** The address of the socket's other side; null: a UNIX socket. */
  readonly peer?: string | null;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export function requestFrom({ peer = '198.51.100.1', headers = {} }: From = {}): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer ?? undefined });
  const request = new IncomingMessage(socket);
  request.headersDistinct = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? [value] : [...value],
    ]),
  );
  return request;
}
