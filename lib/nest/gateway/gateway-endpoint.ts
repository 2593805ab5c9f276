/** What is served on one path: its gateways, usually one, and their sessions. */
import type { AnyProtocol } from '../../protocol/index.js';
import {
  type CloseDetails,
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
import { logError } from '../pipeline/explain.js';
import type { ConnectionSettings } from '../upgrade/connection-settings.js';
import { EventTable } from './event-table.js';
import type { GatewayRuntime } from './gateway-runtime.js';
import type { PathPattern } from './path-pattern.js';
import { type ProtocolChoice, chooseProtocol } from './protocol-choice.js';

/** What all endpoints of an application have in common. */
export interface EndpointSettings {
  readonly limits: Limits;
  readonly connection: ConnectionSettings;
  readonly membership: Membership;
  /** Handlers of the library's own events. */
  readonly controls: ReadonlyMap<string, MessageHandler>;
  /** Those of this process. */
  readonly sessions: ResumableSessions;
  /** Where clients that come back find theirs. */
  readonly locator: SessionLocator;
}

export class GatewayEndpoint {
  readonly origin: OriginPolicy | undefined;
  private readonly protocols: readonly AnyProtocol[];
  private readonly requireProtocol: boolean;
  private readonly hosts = new Map<AnyProtocol | undefined, SessionHost>();
  /** The gateways whose `@OnConnect` has completed, by session. */
  private readonly connected = new Map<GatewaySession, GatewayRuntime[]>();
  private readonly disconnecting = new Set<Promise<void>>();

  /** @throws InvalidGatewayError when two methods handle the same event */
  constructor(
    readonly pattern: PathPattern,
    private readonly gateways: readonly GatewayRuntime[],
    private readonly settings: EndpointSettings,
  ) {
    const options = gateways.map(({ definition }) => definition.options);
    this.origin = options.find(({ origin }) => origin !== undefined)?.origin;
    this.protocols = [...new Set(gateways.flatMap(({ definition }) => definition.protocols))];
    this.requireProtocol = options.some(({ requireProtocol }) => requireProtocol);
    const concurrency = Math.min(...options.map(({ concurrency: slots = 1 }) => slots));
    for (const protocol of this.protocols.length > 0 ? this.protocols : [undefined]) {
      this.hosts.set(protocol, this.createHost(protocol, concurrency));
    }
  }

  private createHost(protocol: AnyProtocol | undefined, concurrency: number): SessionHost {
    const handlers = new EventTable(
      this.gateways.flatMap((gateway) => gateway.handlersFor(protocol)),
      this.pattern.path,
    );
    const { limits, membership, controls } = this.settings;
    return {
      limits,
      membership,
      concurrency,
      findHandler: (event) => handlers.find(event),
      findControl: (event) => controls.get(event),
      ended: (session, details) => this.ended(session, details),
      report: logError,
    };
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
    const protocols = this.protocols.map(({ name }) => name).join(', ');
    return `${names} {${this.pattern.path}}${protocols && `: ${protocols}`}`;
  }

  /** @throws HandshakeError 400 */
  choose(offered: readonly string[]): ProtocolChoice {
    return chooseProtocol(this.protocols, offered, this.requireProtocol);
  }

  createSession(origin: SessionOrigin, protocol: AnyProtocol | undefined): Session {
    return new Session(origin, this.hosts.get(protocol)!);
  }

  createResumable(origin: SessionOrigin, protocol: AnyProtocol | undefined): ResumableSession {
    return new ResumableSession(origin, this.hosts.get(protocol)!, this.settings.sessions);
  }

  /** The session that a client left here; one of another path or protocol is not to be had. */
  async find(
    ticket: SessionTicket,
    protocol: AnyProtocol | undefined,
  ): Promise<ResumableSession | undefined> {
    const session = await this.settings.locator.find(ticket);
    return session?.host === this.hosts.get(protocol) ? session : undefined;
  }

  /**
   * The guards, for a client that comes back to its session.
   * @throws RefusedError (rejects)
   */
  async readmit(session: ReturningSession): Promise<void> {
    for (const gateway of this.gateways) await gateway.readmit(session);
  }

  /**
   * Guards, and `@OnConnect`. When the session is refused, or ended meanwhile, those that had completed are
   * told of its end.
   * @throws RefusedError (rejects)
   */
  async connect(session: Session): Promise<void> {
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
    if (session.details) this.disconnect(session, completed, session.details);
    else this.connected.set(session, completed);
  }

  private ended(session: GatewaySession, details: CloseDetails): void {
    const gateways = this.connected.get(session);
    this.connected.delete(session);
    if (gateways) this.disconnect(session, gateways, details);
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

  /** Tells every client, and waits until all are gone and `@OnDisconnect` has run for each. */
  async close(code: number, reason: string): Promise<void> {
    for (const session of [...this.connected.keys()]) session.close(code, reason);
    await this.emptied();
    await Promise.all(this.disconnecting);
  }

  /** The transport ends a client that does not answer; this only waits for that. */
  private async emptied(): Promise<void> {
    const sessions = [...this.connected.keys()];
    await Promise.all(
      sessions.map(
        (session) =>
          new Promise((resolve) => session.closed$.subscribe({ complete: () => resolve(undefined) })),
      ),
    );
  }
}

const REFUSED: CloseDetails = { code: 1006, reason: 'refused', clean: false };
