/**
 * The tunnels between this node and others.
 *
 * Theory of operation. A node that wants to hand a connection over dials: it posts `open` to the owner's mailbox.
 * That nobody has the mailbox is known at once, and looked at twice, for an owner may have lost its connection to
 * the broker a moment ago. The owner accepts, and from then on both have the tunnel. The node that dialled has
 * numbered it; letters of the other one have `ANSWERING` in that number, so that tunnels in both directions are
 * told apart. As long as two nodes have tunnels they write `alive` to each other. One that was not heard for some
 * time, or whose mailbox is gone, is gone with all its tunnels: neither side keeps a client waiting for it. A sign of
 * life names the sender's tunnels and counts their letters, so that those that lost some end too. Who reads there
 * of one that it has not, since it gave them all up when letters did not arrive, answers with a sign of life at once:
 * it may have no other tunnel there that would be reason for one, and short ones, which come and go, keep the
 * silence from growing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Kind, type Letter } from './letter.js';
import { Tunnel } from './tunnel.js';
import { readLedger, writeLedger } from './tunnel-ledger.js';
import { type Visitor, readVisitor, writeVisitor } from './visitor.js';

/** What tunnels need of their node. */
export interface TunnelOwner {
  /** @returns how many got it; rejects when that can't be known */
  post(to: string, letter: Omit<Letter, 'from'>): Promise<number>;
  /** Takes a tunnel that another node opened. @returns false when it is not wanted now */
  accept(tunnel: Tunnel): boolean;
}

/** Why there is no tunnel: the owner is gone, or it can't be reached, or does not want now. */
export type NoTunnel = 'gone' | 'unreachable';

interface Neighbour {
  /** By the id that is in its letters. */
  readonly tunnels: Map<number, Tunnel>;
  /** Signs of life that were due since the last letter. */
  silence: number;
}

const ANSWERING = 0x8000_0000;
const SECOND_LOOK_MS = 300;
const ANSWER_MS = 3_000;
const ALIVE_MS = 2_000;
const MAX_SILENCE = 3;
const NOTHING = Buffer.alloc(0);
const NONE: Neighbour['tunnels'] = new Map();

export class Tunnels {
  private readonly neighbours = new Map<string, Neighbour>();
  private readonly dialled = new Map<Tunnel, (outcome: Tunnel | NoTunnel) => void>();
  private dials = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly owner: TunnelOwner) {}

  /** A tunnel to another node, for a visitor of ours. */
  async dial(node: string, visitor: Visitor): Promise<Tunnel | NoTunnel> {
    const id = this.dials++ % ANSWERING;
    const tunnel = this.create(node, id + ANSWERING, id, visitor);
    const accepted = new Promise<Tunnel | NoTunnel>((resolve) => this.dialled.set(tunnel, resolve));
    const letter = { kind: Kind.open, id, number: 0, body: writeVisitor(visitor) };
    const outcome = await Promise.race([accepted, this.ask(node, letter), noAnswer()]);
    this.dialled.delete(tunnel);
    if (outcome !== tunnel) tunnel.destroy();
    return outcome;
  }

  /** Settles only when nobody will answer. */
  private async ask(node: string, letter: Omit<Letter, 'from'>): Promise<NoTunnel> {
    try {
      if ((await this.owner.post(node, letter)) > 0) return await never();
      await pause(SECOND_LOOK_MS);
      return (await this.owner.post(node, letter)) > 0 ? await never() : 'gone';
    } catch {
      return 'unreachable';
    }
  }

  /** @param key the id in letters that come, @param id and in those that go */
  private create(node: string, key: number, id: number, visitor: Visitor): Tunnel {
    const tunnel = new Tunnel(visitor, {
      send: (kind, number, body) => this.send(node, { kind, id, number, body }),
      closed: () => this.remove(node, key),
    });
    const neighbour = this.neighbours.get(node) ?? { tunnels: new Map<number, Tunnel>(), silence: 0 };
    neighbour.tunnels.set(key, tunnel);
    this.neighbours.set(node, neighbour);
    this.timer ??= setInterval(() => this.watch(), ALIVE_MS).unref();
    return tunnel;
  }

  private remove(node: string, key: number): void {
    const neighbour = this.neighbours.get(node);
    const tunnel = neighbour?.tunnels.get(key);
    if (!neighbour || !tunnel) return;
    neighbour.tunnels.delete(key);
    this.dialled.get(tunnel)?.('unreachable');
    if (neighbour.tunnels.size === 0) this.neighbours.delete(node);
    if (this.neighbours.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private send(node: string, letter: Omit<Letter, 'from'>): void {
    this.owner.post(node, letter).then(
      (reached) => {
        if (reached === 0) this.loseOpen(node);
      },
      () => this.lose(node),
    );
  }

  /** Nobody has its mailbox. What is dialled there finds that out by itself, and whether the node is gone. */
  private loseOpen(node: string): void {
    for (const tunnel of this.tunnelsTo(node)) if (!this.dialled.has(tunnel)) tunnel.reset();
  }

  /** The node is gone, or the way to it: letters may be lost, so that no tunnel can go on. */
  private lose(node: string): void {
    for (const tunnel of this.tunnelsTo(node)) tunnel.reset();
  }

  /** As they are now: each that ends leaves. */
  private tunnelsTo(node: string): Tunnel[] {
    return [...(this.neighbours.get(node)?.tunnels ?? NONE).values()];
  }

  /** Counts instead of looking at the clock: this process may have been the one that stood still. */
  private watch(): void {
    for (const [node, neighbour] of [...this.neighbours]) {
      if (neighbour.silence++ >= MAX_SILENCE) this.lose(node);
      else this.sendSign(node);
    }
  }

  private sendSign(node: string): void {
    const tunnels = this.neighbours.get(node)?.tunnels ?? NONE;
    this.send(node, { kind: Kind.alive, id: 0, number: 0, body: ledgerOf(tunnels) });
  }

  /** What is dialled the other side may not have yet. */
  private compare({ from, body }: Letter): void {
    const ledger = readLedger(body);
    if (!ledger) return;
    const tunnels = this.neighbours.get(from)?.tunnels ?? NONE;
    const isForgotten = [...ledger.keys()].some((key) => !tunnels.has(key));
    for (const [key, tunnel] of [...tunnels]) {
      if (!this.dialled.has(tunnel)) tunnel.confirm(ledger.get(key));
    }
    if (isForgotten) this.sendSign(from);
  }

  receive(letter: Letter): void {
    const { kind, from, id } = letter;
    const neighbour = this.neighbours.get(from);
    if (neighbour) neighbour.silence = 0;
    const tunnel = neighbour?.tunnels.get(id);
    if (kind === Kind.alive) this.compare(letter);
    else if (kind === Kind.open) this.opened(letter);
    else if (tunnel) this.arrived(tunnel, letter);
    else if (kind === Kind.data)
      this.send(from, { kind: Kind.reset, id: other(id), number: 0, body: NOTHING });
  }

  private arrived(tunnel: Tunnel, letter: Letter): void {
    const answered = this.dialled.get(tunnel);
    if (letter.kind === Kind.accepted) answered?.(tunnel);
    else if (letter.kind === Kind.refused) answered?.('unreachable');
    else tunnel.receive(letter);
  }

  private opened(letter: Letter): void {
    const { from, id } = letter;
    const visitor = id < ANSWERING ? readVisitor(letter) : undefined;
    if (!visitor || this.neighbours.get(from)?.tunnels.has(id)) return;
    const tunnel = this.create(from, id, other(id), visitor);
    const kind = this.owner.accept(tunnel) ? Kind.accepted : Kind.refused;
    this.send(from, { kind, id: other(id), number: 0, body: NOTHING });
    if (kind === Kind.refused) tunnel.reset();
  }

  /** Ends all of them. */
  close(): void {
    for (const { tunnels } of [...this.neighbours.values()]) {
      for (const tunnel of [...tunnels.values()]) tunnel.destroy();
    }
  }
}

/** The same tunnel in the letters of the other side. */
const other = (id: number): number => (id ^ ANSWERING) >>> 0;

const ledgerOf = (tunnels: Neighbour['tunnels']): Buffer =>
  writeLedger([...tunnels].map(([key, tunnel]) => [other(key), tunnel.sentLetters]));

const never = (): Promise<never> => new Promise(() => undefined);

async function noAnswer(): Promise<NoTunnel> {
  await pause(ANSWER_MS, undefined, { ref: false });
  return 'gone';
}
