import { type OnModuleDestroy } from '@nestjs/common';
import {
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  OnDisconnect,
  Payload,
  Subscribe,
} from 'nestwire';
import {
  type BotSwitch,
  GameProtocol,
  type Input,
  type Look,
  type Play,
  type Playing,
} from './game.protocol.js';
import { GameService } from './game.service.js';
import { type Pilot } from './pilot.js';
import { TrafficMeter } from './traffic-meter.js';

type GameSession = GatewaySession<typeof GameProtocol, { pilot?: Pilot | undefined; isLooking?: boolean }>;

const SECOND_MS = 1_000;

/** Whoever connects watches; whoever asks for a ship plays. */
@Gateway({ path: '/game', protocol: GameProtocol })
export class GameGateway implements OnModuleDestroy {
  private readonly traffic = new TrafficMeter();
  private clock: NodeJS.Timeout | undefined;

  constructor(private readonly game: GameService) {}

  @OnConnect()
  async connect(@CurrentSession() session: GameSession): Promise<void> {
    await Promise.all([this.game.rosters, this.game.loads].map((channel) => session.join(channel)));
    session.push('roster', this.game.roster);
    this.traffic.add(session);
    await this.look({ on: true }, session);
    this.clock ??= setInterval(() => this.tellLoad(), SECOND_MS);
  }

  @Subscribe(GameProtocol, 'play')
  play(@Payload() { name }: Play, @CurrentSession() session: GameSession): Playing {
    const { pilot } = session.data;
    session.data.pilot = pilot && this.game.has(pilot) ? pilot : this.game.enter(name);
    return { ship: session.data.pilot.ship.id };
  }

  @Subscribe(GameProtocol, 'leave')
  leave(_payload: undefined, @CurrentSession() session: GameSession): null {
    this.takeOff(session);
    return null;
  }

  /** A page that nobody sees needs no snapshots. */
  @Subscribe(GameProtocol, 'look')
  async look(@Payload() { on }: Look, @CurrentSession() session: GameSession): Promise<null> {
    if (on === (session.data.isLooking ?? false)) return null;
    session.data.isLooking = on;
    if (!on) this.lookAway(session);
    else {
      this.game.watch();
      await session.join(this.game.snapshots);
    }
    return null;
  }

  @Subscribe(GameProtocol, 'input')
  input(@Payload() input: Input, @CurrentSession() session: GameSession): void {
    if (session.data.pilot) this.game.steer(session.data.pilot, input);
  }

  @Subscribe(GameProtocol, 'bots')
  bots(@Payload() { on }: BotSwitch): null {
    this.game.setBots(on);
    return null;
  }

  @OnDisconnect()
  disconnect(@CurrentSession() session: GameSession): void {
    this.takeOff(session);
    this.traffic.remove(session);
    if (session.data.isLooking) this.lookAway(session);
    if (this.traffic.clients === 0) this.stopClock();
  }

  onModuleDestroy(): void {
    this.stopClock();
  }

  private lookAway(session: GameSession): void {
    session.leave(this.game.snapshots);
    this.game.unwatch();
  }

  private takeOff(session: GameSession): void {
    const { pilot } = session.data;
    session.data.pilot = undefined;
    if (pilot) this.game.leave(pilot);
  }

  private tellLoad(): void {
    const { clients } = this.traffic;
    const bytesPerClient = Math.round(this.traffic.read());
    this.game.tellLoad({
      ...this.game.tickTimes.read(),
      bytesPerClient,
      clients,
      ships: this.game.shipCount,
    });
  }

  private stopClock(): void {
    clearInterval(this.clock);
    this.clock = undefined;
  }
}
