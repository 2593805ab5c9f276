/** The client's half of the opening handshake, checked as a client must (RFC 6455 §4.1). */
import { createHash, randomBytes } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const acceptOf = (key) => createHash('sha1').update(`${key}${GUID}`).digest('base64');

export function openingRequest(port, path, deflate) {
  const key = randomBytes(16).toString('base64');
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
  ];
  // What browsers offer.
  if (deflate) lines.push('Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits');
  return { key, head: `${lines.join('\r\n')}\r\n\r\n` };
}

function deflateParameters(extensions) {
  const bits = /client_max_window_bits="?(\d+)/.exec(extensions);
  return {
    windowBits: bits === null ? 15 : Math.max(9, Number(bits[1])),
    clientTakeover: !extensions.includes('client_no_context_takeover'),
    serverTakeover: !extensions.includes('server_no_context_takeover'),
  };
}

/** @returns the negotiated deflate parameters, or undefined without compression */
export function readAnswer(head, key) {
  const header = (name) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1].trim() ?? '';
  if (!head.startsWith('HTTP/1.1 101')) throw new Error(`refused: ${head.split('\r\n')[0]}`);
  if (header('Sec-WebSocket-Accept') !== acceptOf(key)) throw new Error('wrong accept key');
  const extensions = header('Sec-WebSocket-Extensions');
  return extensions.includes('permessage-deflate') ? deflateParameters(extensions) : undefined;
}
