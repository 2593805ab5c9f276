import { BadRequestException, PayloadTooLargeException } from '@nestjs/common';
import * as Y from 'yjs';
import { DOCUMENT_BYTES } from './document.limits.js';

/** The document in memory, bounded, and open to updates that a stranger wrote. */
export class SharedDocument {
  readonly doc = new Y.Doc();
  /** At least as much as the document takes: what came, but not what it made superfluous. */
  private bytes = 0;

  get whole(): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc);
  }

  get vector(): Uint8Array {
    return Y.encodeStateVector(this.doc);
  }

  /** What somebody lacks who has as much as `vector` says. */
  since(vector: Uint8Array): Uint8Array {
    return understood(() => Y.encodeStateAsUpdate(this.doc, vector));
  }

  /** What was taken before, and kept. */
  load(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update);
    this.bytes = this.whole.length;
  }

  /**
   * @param origin handed on to those who listen to `doc`
   * @throws PayloadTooLargeException DOCUMENT_FULL, and nothing has changed
   * @throws BadRequestException for what is no update
   */
  apply(update: Uint8Array, origin: unknown): void {
    understood(() => Y.decodeUpdate(update));
    this.makeRoom(update.length);
    understood(() => Y.applyUpdate(this.doc, update, origin));
    this.bytes += update.length;
  }

  private makeRoom(length: number): void {
    if (this.bytes + length <= DOCUMENT_BYTES) return;
    this.bytes = this.whole.length;
    const bytes = this.bytes + length;
    if (bytes <= DOCUMENT_BYTES) return;
    const message = `The document would have ${bytes} bytes, and may have ${DOCUMENT_BYTES}`;
    throw new PayloadTooLargeException({ code: 'DOCUMENT_FULL', message });
  }
}

/** Yjs reads past the end, or fails in other ways, when bytes are not what they should be. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new BadRequestException('These bytes are not what Yjs writes', { cause });
  }
}
