/** What can be done to a session wherever it lives, by its id or by whose it is. */
import { ReservedEventError, checkClose, nodeOf } from '../../session/index.js';
import { RESERVED_PREFIX } from '../../protocol/envelope/index.js';
import { valueOf } from './calls.js';
import type { ClusterNode } from './cluster-node.js';
import { NodeSilentError } from './errors.js';
import type { LocalSessions } from './local-sessions.js';

/** What became of a revocation. */
export interface Revocation {
  /** Sessions that were closed, on all nodes that answered. */
  readonly sessions: number;
  /**
   * Whether all nodes that the broker knows of answered in time. One that did not may be frozen or gone; when it
   * goes on it does what it was told.
   */
  readonly isComplete: boolean;
}

export class SessionCalls {
  /** @param revokeHere closes what this process has of a principal */
  constructor(
    private readonly local: LocalSessions | undefined,
    private readonly node: ClusterNode | undefined,
    private readonly revokeHere: (principal: string, reason: string) => number,
  ) {
    // the arguments come from another process: they are taken for what they are, not for what they should be
    node?.handlers
      .set('revoke', ([principal, reason]) => revokeHere(String(principal), String(reason)))
      .set('close', ([id, code, reason]) => this.closeHere(String(id), Number(code), String(reason)))
      .set('push', ([id, event, data]) => this.pushHere(String(id), String(event), data));
  }

  async revoke(principal: string, code: number, reason: string): Promise<Revocation> {
    checkClose(code, reason);
    const sessions = this.revokeHere(principal, reason);
    if (!this.node) return { sessions, isComplete: true };
    const { values, isComplete } = await this.node.callOthers('revoke', [principal, reason]);
    const counts = values.map((answer) => (answer as { value?: unknown }).value);
    const others = counts.filter((count) => typeof count === 'number');
    return {
      sessions: others.reduce((sum, count) => sum + count, sessions),
      isComplete: isComplete && others.length === counts.length,
    };
  }

  async close(id: string, code: number, reason: string): Promise<boolean> {
    checkClose(code, reason);
    const owner = this.ownerOf(id);
    return owner ? this.ask(owner, 'close', [id, code, reason]) : this.closeHere(id, code, reason);
  }

  async push(id: string, event: string, data: unknown): Promise<boolean> {
    if (event.startsWith(RESERVED_PREFIX)) throw new ReservedEventError(event);
    const owner = this.ownerOf(id);
    if (!owner) return this.pushHere(id, event, data);
    return this.ask(owner, 'push', data === undefined ? [id, event] : [id, event, data]);
  }

  /** @returns undefined when it is here, or nowhere */
  private ownerOf(id: string): string | undefined {
    const owner = nodeOf(id);
    return owner === this.node?.id ? undefined : this.node && owner;
  }

  private async ask(owner: string, name: string, args: readonly unknown[]): Promise<boolean> {
    const { values, isComplete } = await this.node!.call(owner, name, args);
    if (!isComplete) throw new NodeSilentError();
    // a node that nobody has a mailbox of has no session either
    return values.length > 0 && valueOf(values[0]) === true;
  }

  private closeHere(id: string, code: number, reason: string): boolean {
    const session = this.local?.find(id);
    session?.close(code, reason);
    return session !== undefined;
  }

  private pushHere(id: string, event: string, data: unknown): boolean {
    const session = this.local?.find(id);
    session?.push(event, data);
    return session !== undefined;
  }
}
