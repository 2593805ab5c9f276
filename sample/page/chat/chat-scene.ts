import { tabStore } from '../storage.js';
import { channelInAddress, ChannelList } from './channel-list.js';
import { ChatClient } from './chat-client.js';
import { Composer } from './composer.js';
import { ConnectionState } from './connection-state.js';
import { MessageList } from './message-list.js';
import { NameDialog } from './name-dialog.js';
import { PeopleList } from './people-list.js';
import { TypingLine } from './typing-line.js';
import { UnreadTitle } from './unread-title.js';

const FIRST_CHANNEL = 'general';

/** Puts the chat together: one client, and the views that show it. */
export function startChat(): void {
  const chat = new ChatClient(gatewayUrl('/chat'), tabStore, channelInAddress() ?? FIRST_CHANNEL);
  const composer = new Composer(chat);
  const views = [
    composer,
    new ChannelList(chat),
    new MessageList(chat),
    new PeopleList(chat),
    new TypingLine(chat),
    new UnreadTitle(chat),
  ];
  const show = () => {
    for (const view of views) view.show();
  };
  chat.changed$.subscribe(show);
  show();
  new ConnectionState(chat);
  new NameDialog(chat, () => composer.focus());
}

function gatewayUrl(path: string): URL {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}
