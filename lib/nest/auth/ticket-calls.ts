/**
 * Tickets between nodes. A ticket of an application with several begins with the node that issued it, as ids of
 * sessions do: `<node>~<secret>`. Whoever gets it asks that node, by the ticket's digest, so that what goes through
 * the broker opens nothing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { nodeOf } from '../../session/index.js';
import { valueOf } from '../cluster/calls.js';
import type { ClusterNode } from '../cluster/cluster-node.js';
import { type Identity, type KnownIdentity, readIdentity } from './identity.js';

const REDEEM = 'redeem';
/** A node may just be coming to the broker, or back to it. */
const SECOND_LOOK_MS = 300;
/** Of no other form are those that nodes issue: for what is, nobody is asked. */
const TICKET = /^[\w-]{12}~[\w-]{43}$/;

export class TicketCalls {
  private opening: Promise<void> | undefined;

  /** @param redeemHere by the digest of a ticket */
  constructor(
    private readonly node: ClusterNode | undefined,
    redeemHere: (key: string) => KnownIdentity | undefined,
  ) {
    node?.handlers.set(REDEEM, ([key]) => redeemHere(String(key)));
  }

  /** What a ticket of this node begins with. */
  get prefix(): string {
    return this.node ? `${this.node.id}~` : '';
  }

  /** Others may ask from now on. Calling again does nothing. */
  open(): void {
    // with the broker away nobody can ask, and it comes back by itself
    this.opening ??= this.node?.open().catch(() => undefined);
  }

  /** The node to ask; undefined for a ticket of this one, or of none. */
  issuerOf(ticket: string): string | undefined {
    const issuer = this.node && TICKET.test(ticket) ? nodeOf(ticket) : undefined;
    return issuer === this.node?.id ? undefined : issuer;
  }

  /** @throws BrokerUnavailableError, NodeCallError, InvalidIdentityError (reject) */
  async redeem(issuer: string, key: string): Promise<KnownIdentity | undefined> {
    const first = await this.node!.call(issuer, REDEEM, [key]);
    const isNobody = first.isComplete && first.values.length === 0;
    if (isNobody) await pause(SECOND_LOOK_MS);
    const { values } = isNobody ? await this.node!.call(issuer, REDEEM, [key]) : first;
    return values.length > 0 ? readAnswer(valueOf(values[0])) : undefined;
  }
}

/** It comes from another process: taken for what it is, not for what it should be. */
function readAnswer(value: unknown): KnownIdentity | undefined {
  return typeof value === 'object' && value !== null ? readIdentity(value as Identity) : undefined;
}
