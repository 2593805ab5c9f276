import { createHash } from 'node:crypto';
import { Injectable, UnsupportedMediaTypeException } from '@nestjs/common';
import { type Image, type ImageInfo } from './chat.protocol.js';
import { ImageShelf } from './image-shelf.js';
import { imageTypeOf } from './image-type.js';

/** The newest images, each under a name that follows from its bytes. */
@Injectable()
export class ImageStore {
  constructor(private readonly shelf: ImageShelf) {}

  /** @throws UnsupportedMediaTypeException when the bytes are not those of an image that browsers show */
  async add(bytes: Uint8Array): Promise<ImageInfo> {
    const type = imageTypeOf(bytes);
    if (!type) throw new UnsupportedMediaTypeException('The image is neither PNG, JPEG, GIF nor WebP');
    const id = createHash('sha256').update(bytes).digest('base64url');
    await this.shelf.put(id, bytes);
    return { id, type };
  }

  /** @returns undefined for one that is no longer kept */
  async find(id: string): Promise<Image | undefined> {
    const bytes = await this.shelf.get(id);
    const type = bytes && imageTypeOf(bytes);
    return type && { type, bytes };
  }
}
