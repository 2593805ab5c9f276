/**
 * One client on a raw socket. Reads go into one buffer that all connections share (`onread`), so
 * that receiving allocates nothing; a message is counted, and kept only while answers are checked.
 */
import { connect } from 'node:net';
import { inflater } from './deflate.mjs';
import { FrameReader } from './frame-reader.mjs';
import { frame, opcodes } from './frames.mjs';
import { openingRequest, readAnswer } from './handshake.mjs';

const shared = Buffer.allocUnsafeSlow(256 * 1024);

class Connection {
  /** Called with the number of messages that one read brought. */
  onMessages = () => {};
  deflate = undefined;
  /** Next of the pre-compressed messages, used by the deflate rows. */
  position = 0;

  #dialect;
  #socket;
  #reader = new FrameReader((opcode, payload) => this.#control(opcode, payload));
  #head = '';
  #waiting = undefined;
  #inflate = undefined;
  #opening;
  #closing = false;

  constructor(port, dialect, deflate, opening) {
    this.#dialect = dialect;
    this.#opening = opening;
    const request = dialect.path && openingRequest(port, dialect.path, deflate);
    this.#opening.key = request?.key;
    const callback = (length, buffer) => this.#bytes(length, buffer);
    const onread = { buffer: shared, callback };
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, onread }, () =>
      request ? this.#socket.write(request.head) : this.#opened(),
    );
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static async open(port, dialect, deflate) {
    const opening = {};
    const opened = new Promise((resolve, reject) => Object.assign(opening, { resolve, reject }));
    const connection = new Connection(port, dialect, deflate, opening);
    await opened;
    return connection;
  }

  write(bytes) {
    this.#socket.write(bytes);
  }

  /** Keep messages from now on, for `next()`. */
  keep() {
    this.#reader.kept = [];
  }

  /** Only count from now on. Messages that nobody asked for are an error. */
  count() {
    const surplus = this.#reader.kept?.length ?? 0;
    if (surplus > 0) throw new Error(`${surplus} more answers than questions`);
    this.#reader.kept = undefined;
  }

  /** The next message kept, inflated: `{ payload, compressed }`. */
  async next() {
    if (this.#reader.kept.length === 0) {
      await new Promise((resolve) => (this.#waiting = resolve));
    }
    const { payload, compressed } = this.#reader.kept.shift();
    return { payload: compressed ? this.#inflate(payload) : payload, compressed };
  }

  close() {
    this.#closing = true;
    this.#socket.resetAndDestroy();
  }

  #bytes(length, buffer) {
    let from = 0;
    if (this.#opening !== undefined && this.#dialect.path !== undefined) {
      from = this.#handshake(buffer, length);
      if (from < 0) return true;
    }
    const messages = this.#reader.read(buffer, from, length);
    if (messages === 0) return true;
    if (this.#waiting !== undefined) this.#wake();
    this.onMessages(messages);
    return true;
  }

  /** @returns where the bytes after the handshake begin, or -1 while it is not complete */
  #handshake(buffer, length) {
    const before = this.#head.length;
    this.#head += buffer.latin1Slice(0, length);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return -1;
    try {
      this.deflate = readAnswer(this.#head.slice(0, end), this.#opening.key);
      this.#inflate = this.deflate && inflater(this.deflate);
      this.#opened();
    } catch (error) {
      this.#fail(error);
    }
    return end + 4 - before;
  }

  #opened() {
    const { resolve, reject } = this.#opening;
    this.#opening = undefined;
    this.#head = '';
    if (this.#dialect.greet === undefined) return resolve();
    this.keep();
    this.#dialect.greet(this).then(() => {
      this.count();
      this.#reader.heartbeatBytes = this.#dialect.heartbeatBytes;
      resolve();
    }, reject);
  }

  #wake() {
    const wake = this.#waiting;
    this.#waiting = undefined;
    wake();
  }

  #control(opcode, payload) {
    if (opcode === opcodes.close) this.#fail(new Error(`closed by the server: ${describe(payload)}`));
    else if (opcode === opcodes.ping) {
      this.write(this.#dialect.heartbeat ?? frame(payload, opcodes.pong));
    }
  }

  #fail(error) {
    if (this.#closing) return;
    if (this.#opening === undefined) throw error;
    this.#closing = true;
    this.#opening.reject(error);
  }
}

const describe = (payload) =>
  payload.length < 2 ? 'no code' : `${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`;

const AT_ONCE = 100;

/** Opens connections, a hundred at a time: a backlog overrun would be measured as a delay of seconds. */
export async function openMany(count, port, dialect, deflate) {
  const connections = [];
  while (connections.length < count) {
    const batch = Math.min(AT_ONCE, count - connections.length);
    const opening = Array.from({ length: batch }, () => Connection.open(port, dialect, deflate));
    connections.push(...(await Promise.all(opening)));
  }
  return connections;
}
