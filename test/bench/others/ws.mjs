import { WebSocketServer } from 'ws';
import { announce, options } from '../contestants/control.mjs';

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  maxPayload: options.maxMessageBytes,
  perMessageDeflate: options.deflate,
});

function toAll(data, isBinary) {
  for (const client of server.clients) client.send(data, { binary: isBinary });
}

const answer = options.fanOut
  ? () => toAll
  : (socket) => (data, isBinary) => socket.send(data, { binary: isBinary });

server.on('connection', (socket) => socket.on('message', answer(socket)));
server.on('listening', () => announce(server.address().port));
