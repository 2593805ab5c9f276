/* global Deno */
import { announce, options } from '../contestants/control.mjs';

const sockets = new Set();

function toAll({ data }) {
  for (const socket of sockets) socket.send(data);
}

function accept(request) {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  socket.onmessage = options.fanOut ? toAll : ({ data }) => socket.send(data);
  return response;
}

const onListen = ({ port }) => announce(port);
Deno.serve({ port: 0, hostname: '127.0.0.1', onListen }, accept);
