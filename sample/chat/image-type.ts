import { type ImageInfo } from './chat.protocol.js';

type ImageType = ImageInfo['type'];

const SIGNATURES: readonly (readonly [type: ImageType, at: number, bytes: string])[] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
];

/**
 * What an image is by its own first bytes. What its sender says counts for nothing, or a page could be made to
 * show as something else what is no image at all.
 */
export function imageTypeOf(bytes: Uint8Array): ImageType | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1');
  return SIGNATURES.find(([, at, signature]) => head.startsWith(signature, at))?.[0];
}
