import { RequestFailedError } from 'nestwire/client';
import { type Image } from '../../chat/chat.protocol.js';

/** Images of messages, each fetched once over the chat's own connection. */
export class Images {
  private readonly urls = new Map<string, Promise<string | undefined>>();

  constructor(private readonly get: (id: string) => Promise<Image>) {}

  /** @returns undefined when the server does not keep it any more */
  urlOf(id: string): Promise<string | undefined> {
    const url = this.urls.get(id) ?? this.fetch(id);
    this.urls.set(id, url);
    return url;
  }

  close(): void {
    for (const url of this.urls.values()) void url.then((known) => known && URL.revokeObjectURL(known));
    this.urls.clear();
  }

  private async fetch(id: string): Promise<string | undefined> {
    try {
      const { type, bytes } = await this.get(id);
      return URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
    } catch (error) {
      // a connection that is lost meanwhile: whoever shows the image next asks again
      if (!(error instanceof RequestFailedError)) this.urls.delete(id);
      return undefined;
    }
  }
}
