/** A request whose answer comes before its body has been sent. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connectRaw } from './raw-http.js';

/** With an error or without, as `once` would not have it. */
export async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

export class EarlyAnswer {
  private text = '';
  error: Error | undefined;

  private constructor(readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (chunk: string) => (this.text += chunk));
    socket.on('error', (error) => (this.error = error));
  }

  /** @param head with its empty line @param first of the body, what is sent along with it */
  static async ask(address: string, head: string, first = ''): Promise<EarlyAnswer> {
    const answer = new EarlyAnswer(await connectRaw(address));
    answer.socket.write(head + first);
    while (!answer.hasCome) await once(answer.socket, 'data');
    return answer;
  }

  get status(): number {
    return Number(this.text.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3));
  }

  get head(): string {
    return this.text.split('\r\n\r\n', 1)[0]!;
  }

  get body(): string {
    return this.text.slice(this.head.length + 4);
  }

  private get hasCome(): boolean {
    const length = /^content-length: (\d+)$/im.exec(this.head)?.[1];
    return this.text.includes('\r\n\r\n') && this.body.length >= Number(length ?? 0);
  }

  /** Sends the rest in spite of the answer. @returns when the server has closed the connection */
  async goOn(rest: string | Buffer): Promise<this> {
    this.socket.write(rest);
    await closed(this.socket);
    return this;
  }
}
