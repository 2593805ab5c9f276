/** One client of the herd, which keeps account of every offset. */
import { connect } from '../../dist/client/node/index.js';
import { Severable } from './severable.mjs';

/** `1.<epoch>.<offset>` */
const offsetOf = (cursor) => Number(cursor.split('.')[2]);

export class Member {
  /** Fulfilled when it has a place in the channel to come back to; before that it can miss nothing. */
  hasBegun;
  account = { delivered: 0, doubled: 0, lost: 0, gaps: 0, told: 0, connections: 0, sessions: 1 };
  /** The next offset that is to come. */
  #next = 1;
  #network = new Severable();
  #client;
  #timer;

  constructor(transport, { url, awayMs, pollMs, waitMs }) {
    this.transport = transport;
    this.#client = connect(url, {
      transports: [transport],
      WebSocket: this.#network.WebSocket,
      fetch: this.#network.fetch,
      backOff: { minMs: awayMs, maxMs: awayMs },
      polling: { intervalMs: pollMs },
      connectTimeoutMs: 60_000,
    });
    this.#client.on('news').subscribe(({ n }) => this.#take(n));
    this.#client.gaps$.subscribe((gap) => this.#skip(gap));
    this.hasBegun = this.#client.request('is-there', undefined, { timeoutMs: waitMs });
  }

  /** @param random in [0, 1) */
  start(cutMs, random) {
    this.#client.status$.subscribe(({ state }) => {
      if (state === 'open') this.account.connections++;
    });
    const again = () => {
      this.#timer = setTimeout(
        () => {
          this.#network.cut();
          again();
        },
        -Math.log(1 - random()) * cutMs,
      );
    };
    again();
  }

  #take(n) {
    const { account } = this;
    account.delivered++;
    if (n < this.#next) account.doubled++;
    else account.lost += n - this.#next;
    this.#next = Math.max(this.#next, n + 1);
  }

  /** What it is told that it lost is no loss of the library's. */
  #skip({ channel, cursor }) {
    if (channel === undefined) return void this.account.sessions++;
    const next = offsetOf(cursor) + 1;
    this.account.gaps++;
    this.account.told += next - this.#next;
    this.#next = next;
  }

  stay() {
    clearTimeout(this.#timer);
  }

  has(last) {
    return this.#next > last;
  }

  /** @returns the account; what has not come by now is lost */
  end(last) {
    this.account.lost += Math.max(0, last + 1 - this.#next);
    this.#client.close();
    return this.account;
  }
}
