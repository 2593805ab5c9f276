import { Inject, Injectable, Optional } from '@nestjs/common';
import { type Session, newSessionId } from '../../session/index.js';
import { NESTWIRE_NODE } from '../nestwire.constants.js';
import type { ClusterNode } from './cluster-node.js';

/** The sessions of this process by their id: those whose id somebody has read, for nobody can ask for others. */
@Injectable()
export class LocalSessions {
  private readonly byId = new Map<string, Session>();

  constructor(@Optional() @Inject(NESTWIRE_NODE) private readonly node?: ClusterNode) {}

  /** @returns an id for it, under which it is found until it ends */
  name(session: Session): string {
    const id = newSessionId(this.node?.id);
    if (!session.details) this.byId.set(id, session);
    return id;
  }

  find(id: string): Session | undefined {
    return this.byId.get(id);
  }

  forget(session: Session): void {
    if (session.isNamed) this.byId.delete(session.id);
  }
}
