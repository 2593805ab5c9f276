import { type Client, type Status } from 'nestwire/client';
import { takeUntil } from 'rxjs';
import { aborted } from './aborted.js';
import { make } from './dom.js';
import { chooseText } from './language.js';
import { type SceneContext } from './scene.js';

const LABELS = {
  en: { connecting: 'Connecting…', open: 'Connected', waiting: 'Disconnected', closed: 'Disconnected' },
  zh: { connecting: '正在连接…', open: '已连接', waiting: '连接已断开', closed: '连接已断开' },
} satisfies Record<'en' | 'zh', Record<Status['state'], string>>;

const TRANSPORTS = {
  en: {
    websocket: 'WebSocket',
    'event-stream': 'Event stream',
    'long-polling': 'Long polling',
    'short-polling': 'Short polling',
  },
  zh: {
    websocket: 'WebSocket',
    'event-stream': '事件流',
    'long-polling': '长轮询',
    'short-polling': '短轮询',
  },
};

/** Says whether a client is connected, and by what transport. */
export function showConnection(
  label: HTMLElement,
  client: Pick<Client, 'status$'>,
  { language, signal }: SceneContext,
): void {
  const labels = chooseText(LABELS, language);
  const transports = chooseText(TRANSPORTS, language);
  client.status$.pipe(takeUntil(aborted(signal))).subscribe((status) => {
    label.dataset['state'] = status.state;
    label.replaceChildren(make('span', 'state-text', labels[status.state]));
    if (status.state === 'open') label.append(make('span', 'badge', transports[status.transport]));
  });
}
