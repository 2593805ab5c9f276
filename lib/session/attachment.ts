import type { CloseDetails } from './close-details.js';
import type { TransportEvents } from './transport.js';

/** A session, as one of its connections knows it. */
export interface AttachmentOwner {
  /** The connection that counts; another one may have taken the place of this. */
  readonly attachment: TransportEvents | undefined;
  message(data: string | Uint8Array): void;
  drained(): void;
  connectionClosed(details: CloseDetails): void;
}

/** One connection of a resumable session. What comes from one that was replaced is not heard. */
export class Attachment implements TransportEvents {
  constructor(private readonly owner: AttachmentOwner) {}

  private get counts(): boolean {
    return this.owner.attachment === this;
  }

  message(data: string | Uint8Array): void {
    if (this.counts) this.owner.message(data);
  }

  drained(): void {
    if (this.counts) this.owner.drained();
  }

  closed(code: number, reason: string, clean: boolean): void {
    if (this.counts) this.owner.connectionClosed({ code, reason, clean });
  }
}
