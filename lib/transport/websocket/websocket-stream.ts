/** A WebSocket as a Node stream, with back-pressure both ways. */
import { Duplex, type DuplexOptions } from 'node:stream';
import type { WebSocket } from './web-socket.js';

/**
 * Makes a duplex stream: each chunk written is a message, each message is a chunk read. A full read buffer
 * pauses the connection; a write is done when the kernel took it. Ending the stream closes the connection.
 * @param options of the stream; with `readableObjectMode` messages stay apart and text comes as strings
 */
export function createWebSocketStream(socket: WebSocket, options: DuplexOptions = {}): Duplex {
  const stream = new Duplex({
    ...options,
    emitClose: true,
    autoDestroy: true,
    write(chunk: Buffer | string, _encoding, done) {
      whenOpen(socket, () => socket.send(chunk, done));
    },
    final(done) {
      whenOpen(socket, () => socket.close());
      if (socket.readyState === socket.CLOSED) done();
      else socket.once('close', () => done());
    },
    read() {
      if (socket.isPaused) socket.resume();
    },
    destroy(error, done) {
      if (socket.readyState !== socket.CLOSED) socket.terminate();
      done(error);
    },
  });
  return readFrom(socket, stream);
}

function whenOpen(socket: WebSocket, act: () => void): void {
  if (socket.readyState === socket.CONNECTING) socket.once('open', act);
  else act();
}

function readFrom(socket: WebSocket, stream: Duplex): Duplex {
  socket.on('message', (data, isBinary) => {
    const chunk: unknown = !isBinary && stream.readableObjectMode ? (data as Buffer).toString() : data;
    if (!stream.push(chunk)) socket.pause();
  });
  socket.once('error', (error) => stream.destroy(error));
  socket.once('close', () => {
    if (!stream.destroyed) stream.push(null);
  });
  return stream;
}
