/** The same bytes, read by our protocol and by the receiver of `ws`. */
import { setImmediate as turn } from 'node:timers/promises';
import * as ws from 'ws';
import { type ProtocolEvents, WebSocketProtocol } from '../../lib/protocol/websocket/index.js';
import { inWords } from '../support/raw-peer-reader.js';

export interface Transcript {
  /** Messages and control frames, a legal close frame included. */
  readonly events: string[];
  /** The close code that the connection fails with, and the name of the error. */
  failure: { readonly code: number; readonly name: string } | undefined;
}

export const limits = { maxPayload: 65_536, maxFragments: 1_024, maxBufferedChunks: 4_096 };

export function readByUs(chunks: readonly Buffer[]): Transcript {
  const transcript: Transcript = { events: [], failure: undefined };
  const note = (kind: 'text' | 'binary' | 'ping' | 'pong') => (payload: Buffer) =>
    void transcript.events.push(inWords({ kind, payload }));
  let closed = false;
  const events: ProtocolEvents = {
    onMessage: (payload, isBinary) => note(isBinary ? 'binary' : 'text')(payload),
    onPing: note('ping'),
    onPong: note('pong'),
    onClosing: () => {},
    onFailed: ({ closeCode, code }) => {
      transcript.failure = { code: closeCode, name: code };
    },
  };
  const output = { sendControl: () => {}, sendClose: () => {}, endOutput: () => {} };
  const protocol = new WebSocketProtocol('server', limits, events, output);
  for (const chunk of chunks) {
    protocol.receive(Buffer.from(chunk));
    if (!closed && protocol.hasReceivedClose) {
      closed = true;
      transcript.events.push(`close ${protocol.closed().code}`);
    }
  }
  return transcript;
}

/** `ws` exports it, its types do not. */
const { Receiver } = ws as unknown as {
  Receiver: new (options: object) => NodeJS.WritableStream;
};

export async function readByWs(chunks: readonly Buffer[]): Promise<Transcript> {
  const transcript: Transcript = { events: [], failure: undefined };
  const receiver = new Receiver({ isServer: true, ...limits });
  const note = (kind: 'ping' | 'pong') => (payload: Buffer) =>
    void transcript.events.push(inWords({ kind, payload }));
  receiver.on('message', (payload: Buffer, isBinary: boolean) =>
    transcript.events.push(inWords({ kind: isBinary ? 'binary' : 'text', payload })),
  );
  receiver.on('ping', note('ping')).on('pong', note('pong'));
  receiver.on('conclude', (code: number) => transcript.events.push(`close ${code}`));
  receiver.on('error', (error: Error & { code: string }) => {
    const [symbol] = Object.getOwnPropertySymbols(error);
    const code = (error as unknown as Record<symbol, number>)[symbol!]!;
    transcript.failure = { code, name: error.code };
  });
  for (const chunk of chunks) {
    if (receiver.writable) receiver.write(Buffer.from(chunk));
  }
  await turn();
  return transcript;
}
