import { IMAGE_BYTES } from '../../chat/chat.limits.js';

/** From good to small, until it fits. */
const ATTEMPTS = [
  { edge: 1280, quality: 0.85 },
  { edge: 1024, quality: 0.7 },
  { edge: 640, quality: 0.6 },
  { edge: 320, quality: 0.5 },
];

/**
 * A picture as it is sent: drawn anew, so that nothing of the file is left but what is seen (no place where it
 * was taken), and as small as a message has to be.
 * @returns undefined for what the browser cannot show
 */
export async function imageFrom(file: Blob): Promise<Uint8Array | undefined> {
  const picture = await createImageBitmap(file).catch(() => undefined);
  if (!picture) return undefined;
  try {
    for (const { edge, quality } of ATTEMPTS) {
      const blob = await drawn(picture, edge, quality);
      if (blob && blob.size <= IMAGE_BYTES) return new Uint8Array(await blob.arrayBuffer());
    }
    return undefined;
  } finally {
    picture.close();
  }
}

function drawn(picture: ImageBitmap, edge: number, quality: number): Promise<Blob | null> {
  const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/webp', quality));
}
