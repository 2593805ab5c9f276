/**
 * One connection of a client that another node has handed over, or that this one hands over: a stream of bytes
 * over letters, with as much of `net.Socket` as HTTP and WebSockets need.
 *
 * Theory of operation. Each side may have `WINDOW_BYTES` under way that the other has not taken; what is taken is
 * credited. So a client that reads slowly fills this stream's own buffer at its owner, as it would a socket, and
 * limits there hold. Letters are numbered, each way: a hole, or more data than there was credit for, ends the
 * tunnel. A client that loses its connection by that comes back, as by any other loss.
 */
import { Duplex } from 'node:stream';
import { Kind, type Letter } from './letter.js';
import type { Visitor } from './visitor.js';

/** The tunnel's way out. */
export interface TunnelLine {
  send(kind: Kind, number: number, body: Buffer): void;
  /** The tunnel is over. */
  closed(): void;
}

export const WINDOW_BYTES = 64 * 1024;
const CREDIT_STEP_BYTES = WINDOW_BYTES / 4;
const NOTHING = Buffer.alloc(0);

interface Held {
  readonly bytes: Buffer;
  readonly done: () => void;
}

export class Tunnel extends Duplex {
  bytesRead = 0;
  private sentBytes = 0;
  private room = WINDOW_BYTES;
  private held: Held | undefined;
  private sent = 0;
  private received = 0;
  /** What came and was not credited; of it, what nobody has taken yet. */
  private uncredited = 0;
  private untaken = 0;
  private isReset = false;
  private isOtherDone = false;

  constructor(
    readonly visitor: Visitor,
    private readonly line: TunnelLine,
  ) {
    super({ highWaterMark: WINDOW_BYTES });
    this.on('error', () => undefined); // `close` tells
    // Express, and whoever else wants to know, looks whether there is such a property
    if (visitor.isEncrypted) Object.assign(this, { encrypted: true });
  }

  get remoteAddress(): string | undefined {
    return this.visitor.remoteAddress === '' ? undefined : this.visitor.remoteAddress;
  }

  /** As a socket's: what waits here included. */
  get bytesWritten(): number {
    return this.sentBytes + this.writableLength;
  }

  /** Whether both sides have said all and heard all. */
  private get isFinished(): boolean {
    return this.writableFinished && this.readableEnded;
  }

  /** Letters of this side. */
  get sentLetters(): number {
    return this.sent;
  }

  /** @param sent letters of the other side that are here if none is lost; undefined when it has no such tunnel */
  confirm(sent: number | undefined): void {
    // one that has said and heard all forgets the tunnel, while here somebody may still read
    if (sent === undefined && this.isOtherDone) return;
    if (sent !== this.received) this.destroy();
  }

  receive({ kind, number, body }: Letter): void {
    if (this.destroyed) return;
    if (kind !== Kind.reset && number !== this.received++) return void this.destroy();
    if (kind === Kind.data) this.receiveData(body);
    else if (kind === Kind.credit && body.length === 4) this.receiveCredit(body.readUInt32BE());
    else if (kind === Kind.end) this.receiveEnd();
    else this.reset();
  }

  private receiveData(bytes: Buffer): void {
    this.uncredited += bytes.length;
    if (this.uncredited > WINDOW_BYTES || this.isOtherDone) return void this.destroy();
    this.bytesRead += bytes.length;
    this.untaken += bytes.length;
    if (this.push(bytes)) this.taken();
  }

  private receiveEnd(): void {
    this.isOtherDone = true;
    this.push(null);
  }

  private taken(): void {
    this.untaken = 0;
    this.credit();
  }

  private credit(): void {
    const taken = this.uncredited - this.untaken;
    if (taken < CREDIT_STEP_BYTES) return;
    this.uncredited -= taken;
    const body = Buffer.allocUnsafe(4);
    body.writeUInt32BE(taken);
    this.send(Kind.credit, body);
  }

  private receiveCredit(bytes: number): void {
    this.room += bytes;
    if (this.room > WINDOW_BYTES) return void this.destroy();
    const { held } = this;
    this.held = undefined;
    if (held) this.transmit(held.bytes, held.done);
  }

  override _read(): void {
    if (this.untaken > 0) this.taken();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.transmit(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.transmit(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  /** What there is no room for waits, and whoever writes with it. */
  private transmit(bytes: Buffer, done: () => void): void {
    const now = Math.min(bytes.length, this.room);
    if (now > 0) this.send(Kind.data, bytes.subarray(0, now));
    this.room -= now;
    this.sentBytes += now;
    if (now === bytes.length) done();
    else this.held = { bytes: bytes.subarray(now), done };
  }

  override _final(done: () => void): void {
    this.send(Kind.end, NOTHING);
    done();
  }

  private send(kind: Kind, body: Buffer): void {
    this.line.send(kind, this.sent++, body);
  }

  /** The other side is gone, or has ended the tunnel. */
  reset(): void {
    this.isReset = true;
    this.destroy();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.isReset && !this.isFinished) this.send(Kind.reset, NOTHING);
    this.held = undefined;
    this.line.closed();
    done(error);
  }

  // what is asked of a socket, and has no meaning here

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
