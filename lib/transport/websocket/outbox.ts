/**
 * What a connection has yet to give to the kernel.
 *
 * Theory of operation. While the peer keeps up, everything sent in one tick is collected and written once
 * when the tick ends. When the socket could not pass it all on (`isBlocked`), frames queue here rather
 * than in the socket, each in a buffer of its own, and follow in portions whenever the socket is empty
 * again. So control frames still overtake messages, but never break into one, since a portion ends only
 * between frames. All bytes held, here and in the socket, count as `queuedBytes`.
 */
import type { Socket } from 'node:net';
import { flushSoon } from '../flush-queue.js';
import { FrameParts, NOTHING } from './frame-parts.js';
import { type SentCallback, SentCallbacks } from './sent-callbacks.js';
import { writeParts } from './write-parts.js';

/** A tick that sends more than this is written in between, so that the kernel can take it. */
const FLUSH_FROM_BYTES = 64 * 1024;
/** What a blocked connection gives at a time: little, so that progress shows and control frames get by. */
const PORTION_BYTES = 16 * 1024;

/** Whom to tell that everything was passed on, after the socket had been full. */
export interface DrainListener {
  onDrain(): void;
}

export class Outbox extends FrameParts {
  /** Pongs that the kernel has not taken. */
  unsentPongs = 0;
  /** Whether the socket holds bytes that the kernel did not take. */
  isBlocked = false;

  private control: Buffer[] | undefined;
  private bytes = 0;
  private acceptedBytes = 0;
  private callbacks: SentCallbacks | undefined;
  private scheduled = false;
  private inBatch = false;
  private ending = false;

  constructor(
    private readonly socket: Socket,
    private readonly owner: DrainListener,
  ) {
    super();
  }

  /** Bytes accepted here that the kernel has not taken. The socket holds some only while blocked. */
  get queuedBytes(): number {
    return this.isBlocked ? this.bytes + this.socket.writableLength : this.bytes;
  }

  /** Grows while a slow peer still takes bytes; 0 when none are waiting. */
  get progress(): number {
    return this.isBlocked ? this.socket.bytesWritten - this.socket.writableLength : 0;
  }

  /**
   * Queues a frame of `size` bytes, which the caller writes at once into `room`.
   * @returns where in `room` it begins
   */
  reserve(size: number): number {
    this.accept(size);
    return this.reserveRoom(size, !this.isBlocked);
  }

  /** Queues a whole frame, which other connections may share. */
  push(frame: Buffer): void {
    this.accept(frame.length);
    this.add(frame);
  }

  /** Queues a frame whose payload is too large to be worth a copy. Only while not blocked. */
  pushInTwo(header: Buffer, payload: Buffer): void {
    this.push(header);
    this.push(payload);
  }

  private accept(size: number): void {
    this.bytes += size;
    this.acceptedBytes += size;
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    if (!this.inBatch) flushSoon(this);
  }

  /** Until `endBatch`, at the latest at the end of this tick, frames are collected without asking for a flush. */
  beginBatch(): void {
    this.inBatch = true;
  }

  endBatch(): void {
    this.inBatch = false;
    if (this.scheduled) this.flush();
  }

  /** Queues a control frame ahead of all messages. */
  pushControl(frame: Buffer): void {
    if (this.ending) return;
    this.bytes += frame.length;
    (this.control ??= []).push(frame);
    this.schedule();
  }

  /** Calls back when the kernel took all that was queued until now, or with an error when it never will. */
  whenSent(callback: SentCallback): void {
    (this.callbacks ??= new SentCallbacks()).add(this.acceptedBytes, callback);
  }

  /** Writes in mid-tick what has gathered, where that is much. */
  flushIfLarge(): void {
    if (this.bytes >= FLUSH_FROM_BYTES) this.flush();
  }

  flush(portionBytes = Infinity): void {
    this.scheduled = false;
    if (this.socket.destroyed) return;
    this.endRange();
    while (!this.isBlocked && (this.hasParts || this.control !== undefined)) {
      this.writePortion(portionBytes);
      if (this.socket.writableLength > 0) this.block();
      else this.unsentPongs = 0;
    }
    this.callbacks?.sent(this.acceptedBytes - this.queuedBytes);
    if (this.ending && !this.isBlocked) this.socket.end();
  }

  private writePortion(portionBytes: number): void {
    if (this.control !== undefined || portionBytes < this.bytes) {
      writeParts(this.socket, this.takePortion(portionBytes));
      return;
    }
    this.bytes = 0;
    const lone = this.takeLone();
    if (lone !== undefined) this.socket.write(lone);
    else writeParts(this.socket, this.takeParts());
  }

  /** Control frames, then messages. Only what was queued while blocked is portioned: whole frames. */
  private takePortion(portionBytes: number): Buffer[] {
    const portion = this.control ?? [];
    this.control = undefined;
    const waiting = this.takeParts();
    let size = 0;
    let count = 0;
    while (count < waiting.length && size < portionBytes) {
      size += waiting[count]!.length;
      portion.push(waiting[count++]!);
    }
    waiting.splice(0, count);
    this.putBack(waiting);
    this.bytes -= bytesOf(portion);
    return portion;
  }

  /** An empty write behind the others tells when the socket is empty, whatever its high-water mark. */
  private block(): void {
    this.isBlocked = true;
    this.socket.write(NOTHING, (error) => {
      if (error) return; // the socket's close event tells
      this.isBlocked = false;
      this.unsentPongs = 0;
      this.flush(PORTION_BYTES);
      if (this.queuedBytes === 0) this.owner.onDrain();
    });
  }

  /** Forgets messages that a slow peer left waiting. Those that the socket has may still get there. */
  dropBlocked(): void {
    if (!this.isBlocked) return;
    const dropped = bytesOf(this.takeParts());
    this.bytes -= dropped;
    this.acceptedBytes -= dropped;
    const error = new Error('the message was dropped: the peer reads too slowly');
    this.callbacks?.failed(error, this.acceptedBytes);
  }

  /** Half-closes the socket behind all that is queued. */
  end(): void {
    this.ending = true;
    this.schedule();
  }

  /** The socket is gone. */
  destroy(): void {
    this.forget();
    this.control = undefined;
    this.bytes = 0;
    this.callbacks?.failed(new Error('the connection was closed before the message was sent'));
    this.callbacks = undefined;
  }
}

const bytesOf = (parts: readonly Buffer[]): number => parts.reduce((sum, part) => sum + part.length, 0);
