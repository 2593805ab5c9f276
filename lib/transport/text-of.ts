import { type Outgoing, PreparedMessage } from '../session/index.js';

/** A message where everything is text: bytes as `{ "base64": … }`. */
export function textOf(message: Outgoing): string {
  const data = message instanceof PreparedMessage ? message.data : message;
  if (typeof data === 'string') return data;
  return JSON.stringify({
    base64: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
  });
}
