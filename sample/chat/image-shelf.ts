/** Keeps the bytes of the newest images by their names. */
export abstract class ImageShelf {
  /** The same bytes under the same name may come again. */
  abstract put(id: string, bytes: Uint8Array): Promise<void>;

  /** @returns undefined for what is no longer kept */
  abstract get(id: string): Promise<Uint8Array | undefined>;
}
