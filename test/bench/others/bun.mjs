/* global Bun, Response */
import { announce, options } from '../contestants/control.mjs';

const everyone = 'everyone';
// Only a shared compressor lets publish() compress once for all; a dedicated one is context takeover.
const deflate = options.fanOut || { compress: 'dedicated', decompress: 'dedicated' };

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: (request, self) =>
    self.upgrade(request) ? undefined : new Response('not a WebSocket', { status: 400 }),
  websocket: {
    maxPayloadLength: options.maxMessageBytes,
    backpressureLimit: 2 * options.maxMessageBytes,
    publishToSelf: true,
    perMessageDeflate: options.deflate && deflate,
    open: (socket) => {
      if (options.fanOut) socket.subscribe(everyone);
    },
    message: options.fanOut
      ? (_, data) => server.publish(everyone, data, options.deflate)
      : (socket, data) => socket.send(data, options.deflate),
  },
});
announce(server.port);
