/** What is served on one path: its gateways, usually one, and their sessions. */
import { sessionClosed, sessionOpened } from '../../diagnostics/index.js';
import { lastValueFrom } from 'rxjs';
import type { AnyProtocol, Codec } from '../../protocol/index.js';
import {
  type CloseDetails,
  type Deadlines,
  type GatewaySession,
  type Limits,
  type Membership,
  type MessageHandler,
  ResumableSession,
  type ResumableSessions,
  type ReturningSession,
  Session,
  type SessionHost,
  type SessionLocator,
  type SessionOrigin,
  type SessionTicket,
} from '../../session/index.js';
import type { OriginPolicy } from '../../transport/websocket/index.js';
import type { LocalSessions } from '../cluster/local-sessions.js';
import { logError } from '../pipeline/explain.js';
import type { ConnectionSettings } from '../upgrade/connection-settings.js';
import { agreedOrigin } from './agreed-origin.js';
import { EventTable } from './event-table.js';
import type { GatewayRuntime } from './gateway-runtime.js';
import { checkAnswers, pushCheck } from './outbound-check.js';
import type { PathPattern } from './path-pattern.js';
import { type ProtocolChoice, type ServedProtocol, chooseProtocol, listServed } from './protocol-choice.js';
import { tracedDecision } from './traced-decision.js';

/** What all endpoints of an application have in common. */
export interface EndpointSettings {
  readonly limits: Limits;
  readonly connection: ConnectionSettings;
  readonly membership: Membership;
  /** Beside JSON. */
  readonly codecs: readonly Codec[];
  /** Where they are found by their id. */
  readonly directory: LocalSessions;
  readonly deadlines: Deadlines | undefined;
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number;
  readonly validateOutbound: boolean;
  /** Handlers of the library's own events. */
  readonly controls: ReadonlyMap<string, MessageHandler>;
  /** Those of this process. */
  readonly sessions: ResumableSessions;
  /** Where clients that come back find theirs. */
  readonly locator: SessionLocator;
}

export class GatewayEndpoint {
  readonly origin: OriginPolicy | undefined;
  private readonly served: ReturnType<typeof listServed>;
  private readonly requireProtocol: boolean;
  private readonly hosts = new Map<ServedProtocol, SessionHost>();
  /** The gateways whose `@OnConnect` has completed, by session. */
  private readonly connected = new Map<GatewaySession, readonly GatewayRuntime[]>();
  private readonly disconnecting = new Set<Promise<void>>();

  /** @throws InvalidGatewayError when two methods handle the same event, or two gateways disagree on origins */
  constructor(
    readonly pattern: PathPattern,
    private readonly gateways: readonly GatewayRuntime[],
    private readonly settings: EndpointSettings,
  ) {
    const options = gateways.map(({ definition }) => definition.options);
    this.origin = agreedOrigin(pattern.path, options);
    const protocols = [...new Set(gateways.flatMap(({ definition }) => definition.protocols))];
    this.served = listServed(pattern.path, protocols, settings.codecs, options);
    this.requireProtocol = options.some(({ requireProtocol }) => requireProtocol);
    const concurrency = Math.min(...options.map(({ concurrency: slots = 1 }) => slots));
    for (const served of this.served) this.hosts.set(served, this.createHost(served, concurrency));
  }

  private createHost({ protocol, codec }: ServedProtocol, concurrency: number): SessionHost {
    const { limits, membership, directory, controls, deadlines, now, validateOutbound } = this.settings;
    const outbound = validateOutbound ? protocol : undefined;
    const handlers = this.handlersFor(protocol, outbound);
    return {
      limits,
      membership,
      codec,
      deadlines,
      now,
      concurrency,
      checkPush: outbound && pushCheck(outbound),
      identify: (session) => directory.name(session as Session),
      findHandler: (event) => handlers.find(event),
      patternOf: (event) => handlers.patternOf(event),
      findControl: (event) => controls.get(event),
      ended: (session, details) => this.ended(session, details),
      report: logError,
    };
  }

  /** @param outbound what their answers are checked by */
  private handlersFor(protocol: AnyProtocol | undefined, outbound: AnyProtocol | undefined): EventTable {
    const handlers = this.gateways.flatMap((gateway) => gateway.handlersFor(protocol));
    if (!outbound) return new EventTable(handlers, this.pattern.path);
    const checked = handlers.map(
      ([event, handler]) => [event, checkAnswers(event, handler, outbound)] as const,
    );
    return new EventTable(checked, this.pattern.path);
  }

  get limits(): Limits {
    return this.settings.limits;
  }

  get handshakeMs(): number {
    return this.settings.limits.handshakeMs;
  }

  /** What a WebSocket of this endpoint is made with. */
  get connection(): ConnectionSettings {
    return this.settings.connection;
  }

  /** How often a connection of this endpoint is pinged; 0 for never. */
  get heartbeatMs(): number {
    const { heartbeat } = this.settings.connection.limits;
    return heartbeat ? heartbeat.intervalMs : 0;
  }

  /** For the log. */
  get description(): string {
    const names = this.gateways.map(({ definition }) => definition.metatype.name).join(', ');
    const tokens = this.served.map(({ token }) => token).join(', ');
    return `${names} {${this.pattern.path}}${tokens && `: ${tokens}`}`;
  }

  /** @throws HandshakeError 400 */
  choose(offered: readonly string[]): ProtocolChoice {
    return chooseProtocol(this.served, offered, this.requireProtocol);
  }

  createSession(origin: SessionOrigin, served: ServedProtocol): Session {
    return new Session(origin, this.hosts.get(served)!);
  }

  /** @returns undefined when its codec has no place for the messages of the library's own */
  createResumable(origin: SessionOrigin, served: ServedProtocol): ResumableSession | undefined {
    if (!served.codec.hasEnvelope) return undefined;
    return new ResumableSession(origin, this.hosts.get(served)!, this.settings.sessions);
  }

  /** The session that a client left here; one of another path, protocol or codec is not to be had. */
  async find(ticket: SessionTicket, served: ServedProtocol): Promise<ResumableSession | undefined> {
    const session = await this.settings.locator.find(ticket);
    return session?.host === this.hosts.get(served) ? session : undefined;
  }

  /**
   * The guards, for a client that comes back to its session.
   * @throws RefusedError (rejects)
   */
  readmit(session: ReturningSession): Promise<void> {
    return tracedDecision(session, this.pattern.path, true, async () => {
      for (const gateway of this.gateways) await gateway.readmit(session);
    });
  }

  /**
   * Guards, and `@OnConnect`. When the session is refused, or ended meanwhile, those that had completed are
   * told of its end.
   * @throws RefusedError (rejects)
   */
  connect(session: Session): Promise<void> {
    return tracedDecision(session, this.pattern.path, false, () => this.decideAbout(session));
  }

  private async decideAbout(session: Session): Promise<void> {
    const completed: GatewayRuntime[] = [];
    try {
      for (const gateway of this.gateways) {
        await gateway.connect(session);
        completed.push(gateway);
      }
    } catch (error) {
      this.disconnect(session, completed, REFUSED);
      throw error;
    }
    if (session.details) this.disconnect(session, this.gateways, session.details);
    else this.letIn(session, this.gateways);
  }

  private letIn(session: Session, gateways: readonly GatewayRuntime[]): void {
    this.connected.set(session, gateways);
    if (!sessionOpened.hasSubscribers) return;
    const { id: sessionId, transport, resumable } = session;
    sessionOpened.publish({ sessionId, transport, resumable });
  }

  private ended(session: GatewaySession, details: CloseDetails): void {
    const gateways = this.connected.get(session);
    this.connected.delete(session);
    this.settings.directory.forget(session as Session);
    if (!gateways) return;
    if (sessionClosed.hasSubscribers) sessionClosed.publish({ sessionId: session.id, ...details });
    this.disconnect(session, gateways, details);
  }

  private disconnect(
    session: GatewaySession,
    gateways: readonly GatewayRuntime[],
    details: CloseDetails,
  ): void {
    const running = Promise.all(gateways.map((gateway) => gateway.disconnect(session, details))).then(() => {
      this.disconnecting.delete(running);
    });
    this.disconnecting.add(running);
  }

  /** Those that were let in; nothing else is put there. */
  get sessions(): Session[] {
    return [...this.connected.keys()] as Session[];
  }

  /**
   * Waits until all are gone and `@OnDisconnect` has run for each. The transport ends a client that does not
   * answer.
   */
  async emptied(): Promise<void> {
    const gone = this.sessions.map(({ closed$ }) => lastValueFrom(closed$));
    await Promise.all(gone);
    await Promise.all(this.disconnecting);
  }
}

const REFUSED: CloseDetails = { code: 1006, reason: 'refused', clean: false };
