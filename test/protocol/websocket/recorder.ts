/** What a `FrameReader` tells, written down as plain values that compare well. */
import {
  type FrameEvents,
  type FrameLimits,
  FrameReader,
} from '../../../lib/protocol/websocket/frame-reader.js';
import type { Role } from '../../../lib/protocol/websocket/frame-rules.js';
import { WebSocketError } from '../../../lib/protocol/websocket/websocket-error.js';
import { feed } from '../../support/splits.js';

export type Told = readonly [kind: string, payload: string, rsv?: number];

export const text = (content: string): Told => ['text', Buffer.from(content).toString('latin1'), 0];
export const binary = (content: string | Uint8Array): Told => [
  'binary',
  Buffer.from(content as string).toString('latin1'),
  0,
];
export const ping = (content = ''): Told => ['ping', content];
export const pong = (content = ''): Told => ['pong', content];
export const close = (content = ''): Told => ['close', content];

export const DEFAULT_LIMITS: FrameLimits = {
  maxPayload: 256 * 1024,
  maxFragments: 64,
  maxBufferedChunks: 4096,
};

export class Recorder implements FrameEvents {
  readonly told: Told[] = [];
  /** The payloads themselves. */
  readonly payloads: Buffer[] = [];

  onMessage(payload: Buffer, isBinary: boolean, rsv: number): void {
    this.note([isBinary ? 'binary' : 'text', payload.toString('latin1'), rsv], payload);
  }

  onPing(payload: Buffer): void {
    this.note(['ping', payload.toString('latin1')], payload);
  }

  onPong(payload: Buffer): void {
    this.note(['pong', payload.toString('latin1')], payload);
  }

  onClose(payload: Buffer): void {
    this.note(['close', payload.toString('latin1')], payload);
  }

  protected note(told: Told, payload: Buffer): void {
    this.told.push(told);
    this.payloads.push(payload);
  }
}

export interface ReaderOptions {
  readonly role?: Role;
  readonly limits?: Partial<FrameLimits>;
  readonly claimedRsv?: number;
}

export function readerFor(events: FrameEvents, options: ReaderOptions = {}): FrameReader {
  const { role = 'server', limits = {}, claimedRsv = 0 } = options;
  return new FrameReader(role, { ...DEFAULT_LIMITS, ...limits }, events, claimedRsv);
}

/** All that is told of these pieces, and the violation that ended it. */
export function read(
  pieces: readonly Buffer[],
  options?: ReaderOptions,
): { told: Told[]; error?: WebSocketError } {
  const recorder = new Recorder();
  const reader = readerFor(recorder, options);
  try {
    feed(pieces, (chunk) => reader.receive(chunk));
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    return { told: recorder.told, error };
  }
  return { told: recorder.told };
}
