/** The answers to an opening handshake, RFC 6455 §4.2.2, as bytes of an HTTP/1.1 response head. */

/** RFC 6455 §1.3. */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** SHA-1 of a text in base64: a port, as this layer has no cryptography. */
export type Sha1Base64 = (text: string) => string;

/** RFC 6455 §4.2.2 item 5.4. */
export const acceptKey = (key: string, sha1: Sha1Base64): string => sha1(key + ACCEPT_GUID);

/** @param headers further lines, "Name: value", already validated */
export function writeSwitchingProtocols(accept: string, headers: readonly string[]): string {
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...headers,
    '\r\n',
  ].join('\r\n');
}

/** An HTTP answer that ends the connection. @param headers further lines, already validated */
export function writeRefusal(
  status: number,
  reasonPhrase: string,
  headers: readonly string[],
  body: string,
): string {
  return [
    `HTTP/1.1 ${status} ${reasonPhrase}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ].join('\r\n');
}
