import { type Client, RequestFailedError } from 'nestwire/client';
import { Subject } from 'rxjs';
import {
  type GameProtocol,
  type Load,
  type Roster,
  type ShipState,
  type Snapshot,
} from '../../game/game.protocol.js';
import { type Body } from '../../game/simulation/motion.js';
import { TICK_MS } from '../../game/simulation/rules.js';
import { Interpolation, type ShownShip } from './interpolation.js';
import { Prediction } from './prediction.js';

/** After a longer pause the ticks in between are not made up for. */
const MAX_STEPS = 5;

/** What the page knows of the game, and the own ship. */
export class Game {
  /** A name was refused. */
  readonly refused$ = new Subject<void>();
  roster: Roster = { pilots: [], bots: false };
  load: Load | undefined;
  /** The own ship, once the server has given one. */
  ship: number | undefined;
  private readonly interpolation = new Interpolation();
  private prediction: Prediction | undefined;
  private wantedName: string | undefined;
  private seq = 0;
  private tickPartMs = 0;
  private lastFrameMs = 0;

  constructor(private readonly client: Client<typeof GameProtocol>) {
    client.on('snapshot').subscribe((snapshot) => this.receive(snapshot));
    client.on('roster').subscribe((roster) => (this.roster = roster));
    client.on('load').subscribe((load) => (this.load = load));
    // a new session, on a server that started anew perhaps: nothing is known there of the ship
    client.gaps$.subscribe(({ channel }) => channel === undefined && this.returned());
  }

  get latest(): Snapshot | undefined {
    return this.interpolation.latest;
  }

  get ownBody(): Body | undefined {
    return this.prediction?.now;
  }

  get unanswered(): number {
    return this.prediction?.unansweredCount ?? 0;
  }

  async play(name: string): Promise<void> {
    this.wantedName = name;
    try {
      this.ship = (await this.client.request('play', { name })).ship;
      this.prediction = undefined;
    } catch (error) {
      // anything else is a lost connection, after which it is asked again
      if (error instanceof RequestFailedError) this.refuse();
    }
  }

  leave(): void {
    this.wantedName = this.ship = this.prediction = undefined;
    this.client.request('leave').catch(() => undefined);
  }

  /** Nothing is sent to a page that nobody sees. */
  look(on: boolean): void {
    this.client.request('look', { on }).catch(() => undefined);
  }

  setBots(on: boolean): void {
    this.client.request('bots', { on }).catch(() => undefined);
  }

  /**
   * Moves the own ship by the ticks that passed, and sends what it did.
   * @param heading asked once a tick
   */
  advance(nowMs: number, heading: () => number): void {
    this.tickPartMs += Math.min(nowMs - this.lastFrameMs, MAX_STEPS * TICK_MS);
    this.lastFrameMs = nowMs;
    for (; this.tickPartMs >= TICK_MS; this.tickPartMs -= TICK_MS) this.step(heading);
  }

  /** All ships as they are to be drawn now. */
  shipsAt(nowMs: number): ShownShip[] {
    const ships = this.interpolation.at(nowMs);
    const own = this.prediction?.at(this.tickPartMs / TICK_MS);
    return own ? ships.map((ship) => (ship.id === this.ship ? { ...ship, ...own } : ship)) : ships;
  }

  private step(heading: () => number): void {
    const { prediction } = this;
    if (!prediction || prediction.isStalled || this.client.status.state !== 'open') return;
    const input = { seq: ++this.seq, heading: heading() };
    prediction.step(input);
    this.client.send('input', input);
  }

  private receive(snapshot: Snapshot): void {
    this.interpolation.add(snapshot, performance.now());
    const own = snapshot.ships.find(([id]) => id === this.ship);
    if (!own) this.prediction = undefined;
    else if (this.prediction) this.prediction.reconcile(bodyOf(own), own[7]);
    else this.prediction = new Prediction(bodyOf(own));
  }

  private returned(): void {
    this.look(!document.hidden);
    if (this.wantedName !== undefined) void this.play(this.wantedName);
  }

  private refuse(): void {
    this.wantedName = this.ship = this.prediction = undefined;
    this.refused$.next();
  }
}

function bodyOf([, x, y, vx, vy, heading]: ShipState): Body {
  return { x, y, vx, vy, heading };
}
