/**
 * Keeps a Yjs document the same as the server's.
 *
 * Theory of operation. Whenever there is a connection that may have missed something, both sides say what they
 * have, and each gets what it lacks. From then on edits go out as they are made. So nothing that was under way
 * when a connection was lost matters: neither whether an edit arrived, nor which.
 */
import { type Client, RequestFailedError } from 'nestwire/client';
import { BehaviorSubject, Subject } from 'rxjs';
import { type Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { DOCUMENT_BYTES } from '../../document/document.limits.js';
import { type DocumentProtocol } from '../../document/document.protocol.js';

export type Saving = 'opening' | 'saving' | 'saved' | 'unsaved';

/** Keys that are pressed within this travel together. */
const GATHER_MS = 40;
/** After a request that failed although there is a connection. */
const RETRY_MS = 3_000;
/** An edit that brings nothing. */
const EMPTY_BYTES = 2;

export class DocumentLink {
  readonly saving$ = new BehaviorSubject<Saving>('opening');
  /** What was written here did not fit: the document of this page is of no use any more. */
  readonly full$ = new Subject<void>();
  private gathered: Uint8Array[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private underWay = 0;
  private isOpen = false;
  private wasOpen = false;

  constructor(
    private readonly client: Client<typeof DocumentProtocol>,
    private readonly doc: Y.Doc,
    private readonly awareness: Awareness,
  ) {
    client.on('edited').subscribe(({ update }) => Y.applyUpdate(doc, update, this));
    client.on('pointed').subscribe(({ cursors }) => applyAwarenessUpdate(awareness, cursors, this));
    client.status$.subscribe({
      next: ({ state }) => (state === 'open' ? void this.open() : this.lost()),
      complete: () => this.stop(),
    });
    client.gaps$.subscribe(() => void this.open());
    doc.on('update', this.edited);
    awareness.on('update', this.pointed);
  }

  /** Whether the server lacks something, as far as the page knows. */
  get hasUnsaved(): boolean {
    return this.underWay > 0 || this.gathered.length > 0;
  }

  private readonly edited = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    this.gathered.push(update);
    this.show();
    if (this.isOpen) this.timer ??= setTimeout(() => void this.send(), GATHER_MS);
  };

  private readonly pointed = (_changes: unknown, origin: unknown): void => {
    if (origin === 'local' && this.isOpen) this.point();
  };

  private async open(): Promise<void> {
    try {
      const answer = await this.client.request('open', { vector: Y.encodeStateVector(this.doc) });
      Y.applyUpdate(this.doc, answer.update, this);
      applyAwarenessUpdate(this.awareness, answer.cursors, this);
      this.isOpen = this.wasOpen = true;
      this.gathered = [Y.encodeStateAsUpdate(this.doc, answer.vector)];
      this.renewCursor();
      await this.send();
    } catch (error) {
      this.failed(error);
    }
  }

  private async send(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const update = Y.mergeUpdates(this.gathered);
    this.gathered = [];
    this.underWay++;
    this.show();
    try {
      if (update.length > DOCUMENT_BYTES) this.full$.next();
      else if (update.length > EMPTY_BYTES) await this.client.request('edit', { update });
    } catch (error) {
      this.failed(error);
    } finally {
      this.underWay--;
      this.show();
    }
  }

  /** The server forgets a cursor with its session, and the other pages take only what is newer. */
  private renewCursor(): void {
    this.awareness.setLocalState(this.awareness.getLocalState());
  }

  private point(): void {
    const cursors = encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]);
    this.client.send('point', { cursors });
  }

  private failed(error: unknown): void {
    this.lost();
    if (error instanceof RequestFailedError && error.code === 'DOCUMENT_FULL') this.full$.next();
    // without a connection the next one will do
    else if (this.client.status.state === 'open') this.timer = setTimeout(() => void this.open(), RETRY_MS);
  }

  private lost(): void {
    this.isOpen = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.show();
  }

  /** What was gathered goes out while it can. */
  close(): void {
    if (this.isOpen && this.gathered.length > 0) void this.send();
    this.awareness.setLocalState(null);
    this.client.close();
  }

  private stop(): void {
    this.lost();
    this.doc.off('update', this.edited);
    this.awareness.off('update', this.pointed);
  }

  private show(): void {
    const saving = this.hasUnsaved ? 'saving' : 'saved';
    const next = this.isOpen ? saving : this.wasOpen ? 'unsaved' : 'opening';
    if (next !== this.saving$.value) this.saving$.next(next);
  }
}
