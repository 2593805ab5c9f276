/** The floor under everything that runs on Node: bytes in, the same bytes out, no protocol at all. */
import { createServer } from 'node:net';
import { announce, options } from './control.mjs';

const sockets = new Set();

function toAll(bytes) {
  for (const socket of sockets) socket.write(bytes);
}

const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on('data', options.fanOut ? toAll : (bytes) => socket.write(bytes));
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
});
server.listen(0, '127.0.0.1', () => announce(server.address().port));
