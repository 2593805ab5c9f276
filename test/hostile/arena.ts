/**
 * A server, a bystander on it, and what has to hold after every attack: the bystander noticed nothing, the
 * attacker's connections are gone from the server, its sockets and timers are given back, and no error
 * went where nobody handles it (Jest fails a test for those).
 */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { Bystander, SLOWEST_P99_MS } from '../support/bystander.js';
import { bytesHeld } from '../support/memory.js';
import type { Delivery } from '../support/raw-peer-delivery.js';
import type { RequestChanges, RawResponse } from '../support/raw-peer-http.js';
import type { Received } from '../support/raw-peer-reader.js';
import type { Piece, RawPeer } from '../support/raw-peer.js';
import { ResourceLedger } from '../support/resource-ledger.js';
import {
  type OnConnection,
  type ServerOptions,
  ServerUnderTest,
  echo,
} from '../support/server-under-test.js';

/** How an attacker's connection ended. */
export interface Outcome {
  /** The close code that the server sent; undefined: none. */
  readonly code: number | undefined;
  /** What else it sent. */
  readonly received: readonly Received[];
  /** From the last byte of the attack to the end of the connection. */
  readonly afterMs: number;
}

/** What a server that defends itself may take to end a connection; it takes a few ms on a quiet machine. */
export const PROMPTLY_MS = 15_000;
/** The close wait, unless a test is about it: so long that a server that only waits for it is found out. */
const CLOSE_WAIT_MS = 4 * PROMPTLY_MS;

export class Arena {
  private readonly ledger = new ResourceLedger();
  private running: { server: ServerUnderTest; bystander: Bystander } | undefined;

  constructor(
    private readonly options?: ServerOptions,
    private readonly onConnection: OnConnection = echo,
  ) {
    beforeEach(() => this.begin());
    afterEach(() => this.end());
  }

  get server(): ServerUnderTest {
    return this.running!.server;
  }

  open(changes?: RequestChanges): Promise<RawPeer> {
    return this.server.open(changes);
  }

  /** One handshake on a connection of its own, and the HTTP answer. */
  async handshake(changes: RequestChanges): Promise<RawResponse> {
    const peer = await this.server.connect();
    const response = await peer.upgrade(changes);
    peer.destroy();
    return response;
  }

  /** Opens a connection, sends, and waits for the server to end it. */
  async attack(pieces: Piece | readonly Piece[], delivery?: Delivery): Promise<Outcome> {
    const peer = await this.open();
    void peer.send(pieces, delivery);
    return this.ending(peer);
  }

  async ending(peer: RawPeer): Promise<Outcome> {
    const begun = performance.now();
    const received = await peer.untilEnded();
    const close = received.find(({ kind }) => kind === 'close');
    peer.destroy();
    return {
      code: close && (close.payload.length === 0 ? 1005 : close.payload.readUInt16BE()),
      received: received.filter((one) => one !== close),
      afterMs: performance.now() - begun,
    };
  }

  /** What `act` left behind in memory. */
  async growth(act: () => Promise<unknown>): Promise<number> {
    const { bystander } = this.running!;
    const before = await bystander.unnoticed(bytesHeld);
    await act();
    return (await bystander.unnoticed(bytesHeld)) - before;
  }

  private async begin(): Promise<void> {
    this.ledger.start();
    const options = { closeTimeoutMs: CLOSE_WAIT_MS, ...this.options };
    const server = await ServerUnderTest.start(options, this.onConnection);
    const bystander = new Bystander(await server.open());
    this.running = { server, bystander };
    this.ledger.mark();
  }

  private async end(): Promise<void> {
    const { server, bystander } = this.running!;
    try {
      expect(await bystander.stop()).toBeLessThan(SLOWEST_P99_MS);
      await within(PROMPTLY_MS, () => server.websockets.clients.size === 1 && server.openSockets === 1);
      await this.ledger.settled();
    } finally {
      await bystander.leave().catch(() => {});
      await server.stop();
      this.ledger.stop();
    }
  }
}

/** Waits for a condition that events elsewhere bring about. @throws Error when it does not hold in time */
export async function within(ms: number, holds: () => boolean): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`after ${ms} ms still not: ${holds.toString()}`);
    await turn();
  }
}
