/** What an application may send, and what it gets. */

/** Data of a message. Views are not copied: don't change them until the send callback came. */
export type SendData =
  string | number | Buffer | ArrayBufferLike | NodeJS.ArrayBufferView | readonly Buffer[];

/** How binary messages are handed out; text always comes as a `Buffer`, or as a string to event handlers. */
export type BinaryType = 'nodebuffer' | 'arraybuffer' | 'fragments' | 'blob';

export const EMPTY = Buffer.alloc(0);

/** @throws TypeError for what is not data */
export function toPayload(data: SendData): string | Buffer {
  if (typeof data === 'string' || Buffer.isBuffer(data)) return data;
  if (typeof data === 'number') return String(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return Buffer.from(data);
  if (Array.isArray(data)) return Buffer.concat(data as readonly Buffer[]);
  throw new TypeError(
    `a message is a string, a number, a Buffer, an ArrayBuffer or a view, not ${typeof data}`,
  );
}

export function asBuffer(data: SendData | undefined): Buffer {
  if (data === undefined) return EMPTY;
  const payload = toPayload(data);
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}

export function inBinaryType(payload: Buffer, type: BinaryType): Buffer | ArrayBuffer | Buffer[] {
  if (type === 'nodebuffer' || type === 'blob') return payload;
  if (type === 'fragments') return [payload];
  const { buffer, byteOffset, byteLength } = payload;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
