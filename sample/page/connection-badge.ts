import { type Client, type Status, type TransportKind } from 'nestwire/client';
import { make } from './dom.js';
import { chooseText, type Language } from './language.js';

interface Texts {
  readonly connecting: string;
  readonly waiting: string;
  readonly closed: string;
  readonly open: Readonly<Record<TransportKind, string>>;
}

const texts = {
  en: {
    connecting: 'Connecting…',
    waiting: 'Off-line, trying again',
    closed: 'Closed',
    open: {
      websocket: 'WebSocket',
      'event-stream': 'Event stream',
      'long-polling': 'Long polling',
      'short-polling': 'Short polling',
    },
  },
  zh: {
    connecting: '正在连接…',
    waiting: '已离线，正在重试',
    closed: '已关闭',
    open: {
      websocket: 'WebSocket',
      'event-stream': '事件流',
      'long-polling': '长轮询',
      'short-polling': '短轮询',
    },
  },
} satisfies Record<Language, Texts>;

/** Says by which transport a client is connected, or that it is not. */
export function connectionBadge(client: Pick<Client, 'status$'>, language: Language): HTMLElement {
  const badge = make('p', 'status');
  badge.role = 'status';
  const text = chooseText<Texts>(texts, language);
  client.status$.subscribe((status) => {
    badge.dataset['state'] = status.state;
    badge.textContent = describe(status, text);
  });
  return badge;
}

function describe(status: Status, text: Texts): string {
  return status.state === 'open' ? text.open[status.transport] : text[status.state];
}
