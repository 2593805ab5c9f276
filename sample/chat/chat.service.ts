import { createHash } from 'node:crypto';
import { Injectable, NotFoundException, type OnModuleInit } from '@nestjs/common';
import { type Channel, Channels } from 'nestwire';
import { FileStore } from '../store/file-store.js';
import { ChatArchive } from './chat-archive.js';
import { ChatChannel } from './chat-channel.js';
import {
  type ChannelInfo,
  type Draft,
  type Enter,
  type Image,
  type Member,
  type Message,
} from './chat.protocol.js';
import { ImageStore } from './image-store.js';

const CHANNELS = ['general', 'nestjs', 'help', 'random'];

@Injectable()
export class ChatService implements OnModuleInit {
  /** Tells all who are in the chat how full and how lively each channel is. */
  readonly directory: Channel<ChannelInfo>;
  private readonly channels = new Map<string, ChatChannel>();

  constructor(
    channels: Channels,
    store: FileStore,
    private readonly images: ImageStore,
  ) {
    this.directory = channels.channel('chat', { event: 'channel' });
    for (const name of CHANNELS) {
      const archive = new ChatArchive(store, `chat/${name}.jsonl`);
      this.channels.set(name, new ChatChannel(channels, name, this.directory, archive));
    }
  }

  async onModuleInit(): Promise<void> {
    for (const channel of this.channels.values()) await channel.start();
  }

  list(): ChannelInfo[] {
    return Array.from(this.channels.values(), (channel) => channel.info);
  }

  find(name: string): ChatChannel {
    const channel = this.channels.get(name);
    if (!channel) throw new NotFoundException(`There is no channel "${name}"`);
    return channel;
  }

  async post(author: Member, { channel, image, ...said }: Draft): Promise<Message> {
    const place = this.find(channel);
    return place.post(author, image ? { ...said, image: await this.images.add(image) } : said);
  }

  async image(id: string): Promise<Image> {
    const image = await this.images.find(id);
    if (!image) throw new NotFoundException('The image is no longer kept');
    return image;
  }

  /**
   * The public id follows from the browser's secret key and the name: the same in all its tabs and after a
   * restart, another one under another name, and nobody can take another's.
   */
  identify({ key, name }: Enter): Member {
    return { id: createHash('sha256').update(`${key} ${name}`).digest('base64url').slice(0, 16), name };
  }
}
