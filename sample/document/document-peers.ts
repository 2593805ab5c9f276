import { randomUUID } from 'node:crypto';
import { type Channel, type Channels } from 'nestwire';
import { type Observable, filter } from 'rxjs';

type Kind = 'edit' | 'cursors' | 'question';

/** What is published is JSON, so bytes are in base64 here. */
interface Letter {
  readonly from: string;
  readonly kind: Kind;
  readonly body: string;
}

/** The other processes that keep the same document, over whatever broker the application has. */
export class DocumentPeers {
  /** What the others sent. */
  readonly letters$: Observable<Letter>;
  private readonly id = randomUUID();
  private readonly channel: Channel<Letter>;

  constructor(channels: Channels) {
    this.channel = channels.channel('document', { event: 'letter' });
    this.letters$ = this.channel.observe().pipe(filter(({ from }) => from !== this.id));
  }

  async send(kind: Kind, bytes: Uint8Array): Promise<void> {
    await this.channel.publish({ from: this.id, kind, body: Buffer.from(bytes).toString('base64') });
  }
}
