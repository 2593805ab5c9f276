import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Channels } from 'nestwire';
import { type Observable, Subject, type Subscription, merge, retry, tap, timer } from 'rxjs';
import { FileStore } from '../store/file-store.js';
import { Cursors } from './cursors.js';
import { DocumentPeers } from './document-peers.js';
import { type Opened } from './document.protocol.js';
import { SharedDocument } from './shared-document.js';
import { UpdateLog } from './update-log.js';

const RETRY_MS = 1_000;
const ASK_PEERS_MS = 20_000;

/** Whoever it was there, here it is the other process. */
const PEER = Symbol('another process');

/** Something that all pages are to hear of, but for the one that said it. */
export interface News {
  readonly bytes: Uint8Array;
  /** Whoever it came from. */
  readonly author: unknown;
}

/**
 * The one document: in memory, on disk, and the same in all processes. Edits may come in any order, more than
 * once, and from pages that were away for long: Yjs merges them.
 */
@Injectable()
export class DocumentService implements OnModuleInit, OnModuleDestroy {
  readonly edits$ = new Subject<News>();
  readonly cursors$ = new Subject<News>();
  private readonly logger = new Logger(DocumentService.name);
  private readonly document = new SharedDocument();
  private readonly cursors = new Cursors();
  private readonly log: UpdateLog;
  private readonly peers: DocumentPeers;
  private subscription: Subscription | undefined;

  constructor(channels: Channels, store: FileStore) {
    this.log = new UpdateLog(store, 'document.yjs', () => this.document.whole);
    this.peers = new DocumentPeers(channels);
  }

  async onModuleInit(): Promise<void> {
    for (const update of await this.log.read()) this.document.load(update);
    this.document.doc.on('update', (bytes: Uint8Array, author: unknown) => this.edited(bytes, author));
    this.subscription = merge(this.letters(), this.questions()).subscribe();
  }

  async onModuleDestroy(): Promise<void> {
    this.subscription?.unsubscribe();
    await this.log.flush();
  }

  /** @param vector what the page has */
  async open(vector: Uint8Array): Promise<Opened> {
    const update = this.document.since(vector);
    const opened = { update, vector: this.document.vector, cursors: this.cursors.all };
    await this.log.flush();
    return opened;
  }

  /**
   * @returns settled when it is on disk
   * @throws PayloadTooLargeException, BadRequestException
   */
  async edit(update: Uint8Array, author: unknown): Promise<void> {
    this.document.apply(update, author);
    await this.log.flush();
  }

  /**
   * @param owned the only cursor that the author may move; undefined: any
   * @returns whose cursor it is
   * @throws BadRequestException, ForbiddenException
   */
  point(bytes: Uint8Array, author: unknown, owned?: number): number {
    const client = this.cursors.put(bytes, owned);
    this.pointed(bytes, author);
    return client;
  }

  /** The page is gone. */
  forget(client: number): void {
    const bytes = this.cursors.remove(client);
    if (bytes) this.pointed(bytes, client);
  }

  private letters(): Observable<unknown> {
    return this.peers.letters$.pipe(
      tap(({ kind, body }) => this.receive(kind, Buffer.from(body, 'base64'))),
      retry({ delay: RETRY_MS }),
    );
  }

  /** What a broker lost is asked for some time later; so is, by one that starts, all there is. */
  private questions(): Observable<unknown> {
    return timer(0, ASK_PEERS_MS).pipe(tap(() => this.tellPeers('question', this.document.vector)));
  }

  private edited(bytes: Uint8Array, author: unknown): void {
    this.log
      .append(bytes)
      .catch((error: unknown) => this.logger.error(`The document is not kept: ${String(error)}`));
    this.edits$.next({ bytes, author });
    if (author !== PEER) this.tellPeers('edit', bytes);
  }

  private pointed(bytes: Uint8Array, author: unknown): void {
    this.cursors$.next({ bytes, author });
    if (author !== PEER) this.tellPeers('cursors', bytes);
  }

  /** Another process may be of another version, or full: that is no reason to end this one. */
  private receive(kind: string, bytes: Uint8Array): void {
    try {
      if (kind === 'edit') this.document.apply(bytes, PEER);
      else if (kind === 'cursors') this.point(bytes, PEER);
      else if (kind === 'question') this.tellPeers('edit', this.document.since(bytes));
    } catch (error) {
      this.logger.warn(`Another process sent "${kind}": ${String(error)}`);
    }
  }

  private tellPeers(kind: 'edit' | 'cursors' | 'question', bytes: Uint8Array): void {
    this.peers.send(kind, bytes).catch((error: unknown) => this.logger.warn(String(error)));
  }
}
