import './layout.css';
import './chat.css';
import { fillWith } from '../dom.js';
import { chooseText } from '../language.js';
import { type Scene } from '../scene.js';
import { browserStore, tabStore } from '../storage.js';
import { channelInAddress, ChannelList } from './channel-list.js';
import { ChatClient } from './chat-client.js';
import markup from './chat.html?raw';
import { Composer } from './composer.js';
import { ConnectionState } from './connection-state.js';
import { ImageButton } from './image-button.js';
import { MessageList } from './message-list.js';
import { NameDialog } from './name-dialog.js';
import { PeopleList } from './people-list.js';
import { texts } from './texts.js';
import { TypingLine } from './typing-line.js';
import { UnreadTitle } from './unread-title.js';
import { type ViewContext } from './view.js';

const FIRST_CHANNEL = 'general';

/** Puts the chat together: one client, and the views that show it. */
export const scene: Scene = {
  mount(root, context) {
    const chosen = chooseText(texts, context.language);
    fillWith(root, markup, chosen);
    const view: ViewContext = { ...context, texts: chosen };
    const chat = new ChatClient(tabStore, browserStore, channelInAddress() ?? FIRST_CHANNEL, view);
    const composer = new Composer(chat, view);
    const views = [
      composer,
      new ChannelList(chat, view),
      new MessageList(chat, view),
      new PeopleList(chat, view),
      new TypingLine(chat, view),
      new UnreadTitle(chat, view),
    ];
    const show = () => {
      for (const each of views) each.show();
    };
    chat.changed$.subscribe(show);
    show();
    new ImageButton(chat, view);
    new ConnectionState(chat, view);
    new NameDialog(chat, view, () => composer.focus());
    context.signal.addEventListener('abort', () => chat.close());
  },
};
