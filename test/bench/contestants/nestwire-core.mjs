import { WebSocketServer } from '../../../dist/transport/websocket/index.js';
import { announce, options } from './control.mjs';

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  maxPayload: options.maxMessageBytes,
  perMessageDeflate: options.deflate,
});

const answer = options.fanOut
  ? () => (data, isBinary) => server.broadcast(data, { binary: isBinary })
  : (socket) => (data, isBinary) => socket.send(data, { binary: isBinary });

server.on('connection', (socket) => socket.on('message', answer(socket)));
server.on('listening', () => announce(server.address().port));
