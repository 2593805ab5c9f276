/* global AbortController, TextDecoderStream, WebSocket */
/**
 * A client of a gateway in plain JavaScript, without our code, of what docs/protocol.md says: a resumable
 * session over WebSocket or, where that does not open, over an event stream and POSTs.
 */
const RETRY_MS = 20;
const STAYS_AWAY = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 4400, 4403, 4409];

export class PlainClient {
  transport = undefined;
  /** `(event, data)`: what is pushed or published. */
  onPush = () => undefined;
  #url;
  #ticket = 'new';
  #received = 0;
  #cursors = {};
  #sent = [];
  #open = new Map();
  #ids = 0;
  #send = undefined;
  #drop = () => undefined;
  #isClosed = false;

  constructor(url) {
    this.#url = new URL(url);
    void this.#run();
  }

  request(event, data) {
    const id = ++this.#ids;
    const message = JSON.stringify({ event, data, id });
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#sent.push(message);
      this.#send?.(message);
    });
  }

  /** The connection is lost, as if a proxy had cut it. */
  drop() {
    this.#drop();
  }

  async close() {
    this.#isClosed = true;
    this.#drop();
    await fetch(this.#url, { method: 'DELETE', headers: { 'Nestwire-Session': this.#ticket } });
  }

  async #run() {
    while (!this.#isClosed) {
      this.#send = undefined;
      const code = (await this.#overWebSocket()) ?? (await this.#overStream().catch(() => 1006));
      if (STAYS_AWAY.includes(code)) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Resolves with the code of its end, or with undefined when it never opened. */
  #overWebSocket() {
    const url = new URL(this.#url);
    url.protocol = url.protocol.replace('http', 'ws');
    url.searchParams.set('nestwire-session', this.#ticket);
    return new Promise((resolve) => {
      const socket = new WebSocket(url);
      let hasOpened = false;
      this.#drop = () => socket.close(4000);
      socket.onopen = () => ((hasOpened = true), (this.transport = 'websocket'));
      socket.onmessage = ({ data }) => this.#hear(JSON.parse(data), (text) => socket.send(text));
      socket.onclose = ({ code }) => resolve(hasOpened ? code : undefined);
    });
  }

  async #overStream() {
    if (this.#ticket === 'new') await this.#create();
    const aborting = new AbortController();
    this.#drop = () => aborting.abort();
    const headers = { 'Nestwire-Session': this.#ticket, Accept: 'text/event-stream' };
    const answer = await fetch(this.#url, { headers, signal: aborting.signal });
    if (answer.status === 404) return this.#forget();
    if (answer.status !== 200) return 1006;
    this.transport = 'event-stream';
    const send = this.#poster(aborting);
    for await (const message of events(answer.body)) {
      if (message.event === 'nestwire:close') return message.data.code;
      this.#hear(message, send);
    }
    return 1006;
  }

  async #create() {
    const headers = { 'Nestwire-Session': 'new', 'Content-Type': 'application/nestwire+json' };
    const body = JSON.stringify({ cursors: this.#cursors });
    const answer = await fetch(this.#url, { method: 'POST', headers, body });
    this.#learn((await answer.json()).messages[0].data);
  }

  /** One POST at a time. */
  #poster(aborting) {
    let seq = 0;
    let last = Promise.resolve();
    const post = async (text) => {
      const body = `{"seq":${++seq},"messages":[${text}]}`;
      const headers = { 'Nestwire-Session': this.#ticket, 'Content-Type': 'application/nestwire+json' };
      const { status } = await fetch(this.#url, { method: 'POST', headers, body, signal: aborting.signal });
      if (status !== 202) aborting.abort();
    };
    return (text) => (last = last.then(() => post(text)).catch(() => aborting.abort()));
  }

  #hear(message, send) {
    const { event, data, id, channel, cursor } = message;
    if (event === 'nestwire:session') return this.#begin(data, send);
    if (event === 'nestwire:gap' && data.missed) this.#received += data.missed;
    if (event.startsWith('nestwire:')) {
      if (data?.cursor) this.#cursors[data.channel] = data.cursor;
      return;
    }
    if (channel === undefined) this.#received++;
    else if (cursor !== undefined) this.#cursors[channel] = cursor;
    if (id === undefined) return this.onPush(event, data);
    const request = this.#open.get(id);
    if (message.more || !request) return;
    this.#open.delete(id);
    if (event === 'exception') request.reject(Object.assign(new Error(data.message), data));
    else request.resolve(data);
  }

  #begin(session, send) {
    const isReturn = this.#ticket !== 'new' && (session.resumed || this.transport === 'websocket');
    if (!session.resumed && isReturn && !this.#ticket.startsWith(session.id)) this.#forget();
    this.#learn(session);
    const data = { received: this.#received, cursors: this.#cursors };
    if (isReturn) send(JSON.stringify({ event: 'nestwire:resume', data }));
    this.#sent.splice(0, session.received - this.#known);
    this.#known = session.received;
    for (const text of this.#sent) send(text);
    this.#send = send;
  }
  #known = 0;

  #learn({ id, secret }) {
    this.#ticket = `${id}.${secret}`;
  }

  /** The session is gone, and with it what was asked for. */
  #forget() {
    this.#ticket = 'new';
    this.#received = this.#known = 0;
    this.#sent = [];
    for (const { reject } of this.#open.values()) reject(new Error('unknown outcome'));
    this.#open.clear();
  }
}

async function* events(body) {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      if (block.startsWith('data: ')) yield JSON.parse(block.slice('data: '.length));
    }
  }
}
