import { type OnModuleInit } from '@nestjs/common';
import { CurrentSession, Gateway, type GatewaySession, OnDisconnect, Payload, Subscribe } from 'nestwire';
import { DocumentProtocol, type Edit, type Open, type Opened, type Point } from './document.protocol.js';
import { DocumentService } from './document.service.js';

type DocumentSession = GatewaySession<typeof DocumentProtocol, { client?: number }>;

/** An edit is answered when it is on disk; those that follow do not wait for that. */
const CONCURRENCY = 32;

/**
 * Channels carry JSON, and this protocol bytes: so what is new is pushed, session by session. Nothing that is
 * pushed must arrive, since a page that comes back asks for whatever it lacks.
 */
@Gateway({ path: '/document', protocol: DocumentProtocol, concurrency: CONCURRENCY })
export class DocumentGateway implements OnModuleInit {
  /** Those that have opened the document. */
  private readonly readers = new Set<DocumentSession>();

  constructor(private readonly documents: DocumentService) {}

  onModuleInit(): void {
    this.documents.edits$.subscribe(({ bytes, author }) => {
      for (const reader of this.othersThan(author)) reader.push('edited', { update: bytes });
    });
    this.documents.cursors$.subscribe(({ bytes, author }) => {
      for (const reader of this.othersThan(author)) reader.push('pointed', { cursors: bytes });
    });
  }

  @Subscribe(DocumentProtocol, 'open')
  open(@Payload() { vector }: Open, @CurrentSession() session: DocumentSession): Promise<Opened> {
    this.readers.add(session);
    return this.documents.open(vector);
  }

  @Subscribe(DocumentProtocol, 'edit')
  async edit(@Payload() { update }: Edit, @CurrentSession() session: DocumentSession): Promise<null> {
    await this.documents.edit(update, session);
    return null;
  }

  /** A session has one cursor: the first that it moves. */
  @Subscribe(DocumentProtocol, 'point')
  point(@Payload() { cursors }: Point, @CurrentSession() session: DocumentSession): void {
    session.data.client = this.documents.point(cursors, session, session.data.client);
  }

  @OnDisconnect()
  disconnect(@CurrentSession() session: DocumentSession): void {
    this.readers.delete(session);
    if (session.data.client !== undefined) this.documents.forget(session.data.client);
  }

  private othersThan(author: unknown): DocumentSession[] {
    return [...this.readers].filter((reader) => reader !== author);
  }
}
