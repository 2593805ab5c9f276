/**
 * How each contestant wraps a message. `kind` is 'echo' or 'cast'. `greet` is what a dialect does
 * after the handshake, before the first message.
 */
import { frame, opcodes } from './frames.mjs';

const asText = (payload) => payload.toString('utf8');
const plain = { opcode: undefined, encode: (_, data) => Buffer.from(data), decode: asText };

const expectPrefix = ({ payload }, prefix) => {
  const got = asText(payload);
  if (!got.startsWith(prefix)) throw new Error(`expected ${prefix}…, got ${got.slice(0, 80)}`);
};

const socketIo = {
  path: '/socket.io/?EIO=4&transport=websocket',
  opcode: opcodes.text,
  heartbeatBytes: 1,
  heartbeat: frame(Buffer.from('3'), opcodes.text),
  encode: (kind, data) => Buffer.from(`42${JSON.stringify([kind, data])}`),
  decode: (payload) => JSON.parse(asText(payload).slice(2))[1],
  async greet(connection) {
    expectPrefix(await connection.next(), '0{');
    connection.write(frame(Buffer.from('40'), opcodes.text));
    expectPrefix(await connection.next(), '40');
  },
};

export const dialects = {
  raw: { ...plain, path: undefined },
  websocket: { ...plain, path: '/' },
  envelope: {
    path: '/',
    opcode: opcodes.text,
    encode: (kind, data) => Buffer.from(JSON.stringify({ event: kind, data })),
    decode: (payload) => JSON.parse(asText(payload)).data,
  },
  'socket.io': socketIo,
};
