/** One client of one channel, and its log in the form that the checker reads. */
import { nowMs } from './serve-parent.mjs';

const readCursor = (cursor) => {
  const [, epoch, offset] = cursor?.split('.') ?? [];
  return epoch === undefined ? [] : [epoch, Number(offset)];
};

export class Reader {
  #client;
  #entries = [];
  #start;
  #latencies = [];
  #last = [];
  #connections = 0;

  /** @param connect of `nestwire/client` */
  constructor(connect, { url, name, channel, transport }) {
    this.name = name;
    this.channel = channel;
    this.transport = transport;
    this.#client = connect(`${url}/feed/${channel}`, {
      transports: [transport],
      connectTimeoutMs: 5_000,
      backOff: { minMs: 200, maxMs: 2_000 },
      polling: { intervalMs: 250 },
    });
    this.#client.status$.subscribe(({ state }) => (this.#connections += state === 'open' ? 1 : 0));
    // what `on` gives applications is without the cursor, which is what the log is about
    this.#client.conversation.messages$.subscribe((message) => this.#receive(message));
    this.#client.gaps$.subscribe((gap) => this.#miss(gap));
  }

  #receive({ data, cursor }) {
    this.#note([data.id, ...readCursor(cursor)]);
    this.#latencies.push(nowMs() - data.at);
  }

  /** Gaps of the session, which has nothing private here, are told without a channel. */
  #miss({ channel, cursor }) {
    if (channel !== undefined) this.#note([null, ...readCursor(cursor)]);
  }

  #note(entry) {
    this.#last = entry;
    this.#entries.push(entry);
  }

  get status() {
    return this.#client.status;
  }

  get isOpen() {
    return this.status.state === 'open';
  }

  /** Whether it stands there or behind, be it by a gap. */
  hasReached({ epoch, offset }) {
    return this.#last[1] === epoch && this.#last[2] >= offset;
  }

  /** The log since the last call; undefined as long as nobody knows where it begins. */
  take() {
    const log = this.#start && {
      reader: `${this.name} (${this.transport})`,
      channel: this.channel,
      start: this.#start,
      entries: this.#entries,
    };
    const taken = { log, latencies: this.#latencies, connections: this.#connections };
    const [, epoch, offset] = this.#last;
    if (epoch !== undefined) this.#start = { epoch, offset };
    this.#entries = [];
    this.#latencies = [];
    this.#connections = 0;
    return taken;
  }

  close() {
    this.#client.close();
  }
}
