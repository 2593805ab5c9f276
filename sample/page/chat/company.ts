import { type Client } from 'nestwire/client';
import { type ChatProtocol, type Member, type PeopleEvent } from '../../chat/chat.protocol.js';
import { type PeopleNews, Presence } from './presence.js';
import { Receipts } from './receipts.js';
import { Typists } from './typists.js';

/** What has to be known of the chat to follow the others in it. */
interface Guest {
  readonly connection: Client<typeof ChatProtocol>;
  readonly channel: string;
  readonly me: Member | undefined;
  readonly entered: boolean;
  readonly changed$: { next(): void };
  tell(news: PeopleNews): void;
}

/** The others in the current channel: who is here, who types, and up to where they have read. */
export class Company {
  readonly presence = new Presence();
  readonly typists: Typists;
  readonly receipts: Receipts;

  constructor(private readonly guest: Guest) {
    const { connection } = guest;
    this.typists = new Typists(() => guest.changed$.next());
    this.receipts = new Receipts((seen) => guest.entered && connection.send('seen', seen));
    connection.on('people').subscribe((event) => this.follow(event));
    connection.on('typing').subscribe((change) => {
      if (change.channel === guest.channel && change.member.id !== guest.me?.id) this.typists.apply(change);
      guest.changed$.next();
    });
    connection.on('seen').subscribe((change) => {
      if (change.channel === guest.channel) this.receipts.apply(change);
      guest.changed$.next();
    });
  }

  /** The connection is lost: nobody types, and who was here is expected back. */
  interrupted(): void {
    this.presence.expectReturn();
    this.typists.clear();
  }

  /** In another channel. */
  clear(): void {
    this.presence.clear();
    this.typists.clear();
    this.receipts.clear();
  }

  close(): void {
    this.typists.clear();
    this.receipts.close();
  }

  private follow(event: PeopleEvent): void {
    const news = this.presence.apply(event);
    if (news) {
      this.typists.drop(news.member.id);
      if (news.member.id !== this.guest.me?.id) this.guest.tell(news);
    }
    this.guest.changed$.next();
  }
}
