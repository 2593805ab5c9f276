import { createHash } from 'node:crypto';
import { Injectable, NotFoundException } from '@nestjs/common';
import { type Channel, Channels } from 'nestwire';
import { ChatChannel } from './chat-channel.js';
import { type ChannelInfo, type Enter, type Member } from './chat.protocol.js';

const CHANNELS = {
  general: 'For everyone',
  nestjs: 'Modules, providers, decorators',
  help: 'Ask, and somebody answers',
  random: 'Anything else',
};

@Injectable()
export class ChatService {
  /** Tells all who are in the chat how full and how lively each channel is. */
  readonly directory: Channel<ChannelInfo>;
  private readonly channels = new Map<string, ChatChannel>();

  constructor(channels: Channels) {
    this.directory = channels.channel('chat', { event: 'channel' });
    for (const [name, about] of Object.entries(CHANNELS)) {
      this.channels.set(name, new ChatChannel(channels, name, about, this.directory));
    }
  }

  list(): ChannelInfo[] {
    return Array.from(this.channels.values(), (channel) => channel.info);
  }

  find(name: string): ChatChannel {
    const channel = this.channels.get(name);
    if (!channel) throw new NotFoundException(`There is no channel "${name}"`);
    return channel;
  }

  /** The public id follows from the secret key: the same after a restart, and nobody can take another's. */
  identify({ key, name }: Enter): Member {
    return { id: createHash('sha256').update(key).digest('base64url').slice(0, 16), name };
  }
}
