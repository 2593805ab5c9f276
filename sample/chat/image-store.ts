import { createHash } from 'node:crypto';
import { Injectable, UnsupportedMediaTypeException } from '@nestjs/common';
import { FileStore } from '../store/file-store.js';
import { KEPT_IMAGES } from './chat.limits.js';
import { type Image, type ImageInfo } from './chat.protocol.js';
import { imageTypeOf } from './image-type.js';

/** The newest images, each under a name that follows from its bytes. A file for each place: there are no more. */
@Injectable()
export class ImageStore {
  private places: string[] = [];
  private next = 0;

  constructor(private readonly store: FileStore) {}

  async load(): Promise<void> {
    const index = await this.store.read('chat/images.json');
    if (index) ({ places: this.places, next: this.next } = JSON.parse(index.toString()) as ImageIndex);
  }

  /** @throws UnsupportedMediaTypeException when the bytes are not those of an image that browsers show */
  async add(bytes: Uint8Array): Promise<ImageInfo> {
    const type = imageTypeOf(bytes);
    if (!type) throw new UnsupportedMediaTypeException('The image is neither PNG, JPEG, GIF nor WebP');
    const id = createHash('sha256').update(bytes).digest('base64url');
    if (!this.places.includes(id)) await this.keep(id, bytes);
    return { id, type };
  }

  /** @returns undefined for one that is no longer kept */
  async find(id: string): Promise<Image | undefined> {
    const place = this.places.indexOf(id);
    const bytes = place < 0 ? undefined : await this.store.read(fileOf(place));
    const type = bytes && imageTypeOf(bytes);
    return type && { type, bytes };
  }

  private async keep(id: string, bytes: Uint8Array): Promise<void> {
    const place = this.next;
    this.next = (place + 1) % KEPT_IMAGES;
    await this.store.write(fileOf(place), bytes);
    this.places[place] = id;
    await this.store.write('chat/images.json', JSON.stringify({ places: this.places, next: this.next }));
  }
}

interface ImageIndex {
  readonly places: string[];
  readonly next: number;
}

function fileOf(place: number): string {
  return `chat/image-${place}`;
}
