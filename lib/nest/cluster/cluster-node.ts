/** This process among the others of its application: what it gets by its mailboxes, and what it posts. */
import type { Mailboxes, OpenMailbox } from '../../channel/index.js';
import { newNodeId } from '../../session/index.js';
import { type Answers, type CallHandler, type CallPost, Calls } from './calls.js';
import { Kind, type Letter, readLetter, writeLetter } from './letter.js';
import type { Tunnel } from './tunnel.js';
import { type NoTunnel, type TunnelOwner, Tunnels } from './tunnels.js';
import type { Visitor } from './visitor.js';

/** The mailbox that every node has. */
const EVERYONE = 'everyone';

export class ClusterNode implements TunnelOwner, CallPost {
  readonly id = newNodeId();
  readonly handlers = new Map<string, CallHandler>();
  private readonly calls = new Calls(this);
  private readonly tunnels = new Tunnels(this);
  private acceptor: ((tunnel: Tunnel) => boolean) | undefined;
  private boxes: readonly OpenMailbox[] | undefined;

  constructor(private readonly mailboxes: Mailboxes) {}

  /** Settles when others reach it. Calling again does nothing more. @throws BrokerUnavailableError (rejects) */
  async open(): Promise<void> {
    const receive = (bytes: Uint8Array): void => this.receive(bytes);
    this.boxes ??= [this.id, EVERYONE].map((name) => this.mailboxes.open(name, receive));
    await Promise.all(this.boxes.map(({ ready }) => ready));
  }

  /** Who takes the clients that other nodes hand over. */
  acceptBy(acceptor: (tunnel: Tunnel) => boolean): void {
    this.acceptor = acceptor;
  }

  accept(tunnel: Tunnel): boolean {
    return this.acceptor?.(tunnel) === true;
  }

  private receive(bytes: Uint8Array): void {
    const letter = readLetter(bytes);
    if (!letter || letter.from === this.id) return;
    if (letter.kind === Kind.call || letter.kind === Kind.answer) this.calls.receive(letter);
    else this.tunnels.receive(letter);
  }

  post(to: string, letter: Omit<Letter, 'from'>): Promise<number> {
    return this.mailboxes.post(to, writeLetter({ ...letter, from: this.id }));
  }

  dial(node: string, visitor: Visitor): Promise<Tunnel | NoTunnel> {
    return this.tunnels.dial(node, visitor);
  }

  /** Has one node do something. @throws as `Calls.call` */
  async call(node: string, name: string, args: readonly unknown[]): Promise<Answers> {
    await this.open();
    return this.calls.call(node, name, args);
  }

  /** Has all others do something. @throws as `Calls.call` */
  async callOthers(name: string, args: readonly unknown[]): Promise<Answers> {
    await this.open();
    return this.calls.call(EVERYONE, name, args, 1);
  }

  /** Ends what goes through tunnels to other nodes, and from them. */
  close(): void {
    this.tunnels.close();
  }
}
