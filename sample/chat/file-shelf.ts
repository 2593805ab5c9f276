import { type OnModuleInit } from '@nestjs/common';
import { type FileStore } from '../store/file-store.js';
import { KEPT_IMAGES } from './chat.limits.js';
import { type ImageShelf } from './image-shelf.js';

/** A file for each place: there are no more. */
export class FileShelf implements ImageShelf, OnModuleInit {
  private places: string[] = [];
  private next = 0;

  constructor(private readonly store: FileStore) {}

  async onModuleInit(): Promise<void> {
    const index = await this.store.read('chat/images.json');
    if (index) ({ places: this.places, next: this.next } = JSON.parse(index.toString()) as ImageIndex);
  }

  async put(id: string, bytes: Uint8Array): Promise<void> {
    if (this.places.includes(id)) return;
    const place = this.next;
    this.next = (place + 1) % KEPT_IMAGES;
    await this.store.write(fileOf(place), bytes);
    this.places[place] = id;
    await this.store.write('chat/images.json', JSON.stringify({ places: this.places, next: this.next }));
  }

  async get(id: string): Promise<Uint8Array | undefined> {
    const place = this.places.indexOf(id);
    return place < 0 ? undefined : this.store.read(fileOf(place));
  }
}

interface ImageIndex {
  readonly places: string[];
  readonly next: number;
}

function fileOf(place: number): string {
  return `chat/image-${place}`;
}
