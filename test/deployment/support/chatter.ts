import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, type TransportKind, connect } from 'nestwire/client';
import { ChatProtocol } from '../../../sample/chat/chat.protocol.js';
import { trusting } from './trusting.js';

const CHANNEL = 'general';

/** Somebody in the sample's chat, who comes by one transport and introduces himself again when he has to. */
export class Chatter {
  readonly heard: string[] = [];
  private readonly client: Client<typeof ChatProtocol>;

  constructor(
    url: string,
    certificate: string,
    readonly transport: TransportKind,
  ) {
    this.client = connect(`${url}/chat`, {
      protocol: ChatProtocol,
      transports: [transport],
      polling: { intervalMs: 50 },
      ...trusting(certificate),
    });
    this.client.on('message').subscribe(({ text }) => this.heard.push(text));
  }

  async enter(): Promise<void> {
    await this.client.request('enter', { key: randomUUID(), name: this.transport });
    await this.client.request('channel.join', { channel: CHANNEL });
  }

  /** Until it is said, as the page does it: a session may be lost, and with it what was under way. */
  async say(text: string): Promise<void> {
    for (;;) {
      try {
        return await this.try(text);
      } catch {
        await this.enter().catch(() => pause(50));
      }
    }
  }

  async try(text: string): Promise<void> {
    await this.client.request('message.send', { id: randomUUID(), channel: CHANNEL, text });
  }

  async hears(text: string): Promise<void> {
    while (!this.heard.includes(text)) await pause(5);
  }

  leave(): void {
    this.client.close();
  }
}
