import { Injectable, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { BehaviorSubject, finalize, interval, map, type Observable, share, switchMap } from 'rxjs';
import {
  type Break,
  type Cost,
  type Figures,
  type Lane,
  LANES,
  type Rate,
  type Tick,
} from './lab.protocol.js';
import { LaneMeter } from './lane-meter.js';

const FIRST_RATE = 2;
const MAX_RUNS = 100;

interface Run {
  readonly perSecond$: BehaviorSubject<number>;
  readonly ticks$: Observable<Tick>;
  brokenUntil: number;
}

/** Runs: the same events for the four connections of a page, as long as one of them watches. */
@Injectable()
export class LabService {
  private readonly runs = new Map<string, Run>();

  constructor(private readonly meter: LaneMeter) {}

  watch(id: string): Observable<Tick> {
    return (this.runs.get(id) ?? this.begin(id)).ticks$;
  }

  setRate(id: string, { perSecond }: Rate): void {
    this.find(id).perSecond$.next(perSecond);
  }

  /** Cuts all connections of a run; until the time is over new ones are cut as well. */
  break(id: string, { ms }: Break): void {
    this.find(id).brokenUntil = Date.now() + ms;
    for (const socket of this.meter.socketsOf(id)) socket.destroy();
  }

  isBroken(id: string): boolean {
    return (this.runs.get(id)?.brokenUntil ?? 0) > Date.now();
  }

  figures(id: string): Figures {
    const costs = LANES.flatMap((lane): [Lane, Cost][] => {
      const cost = this.meter.costOf(id, lane);
      return cost ? [[lane, cost]] : [];
    });
    return { now: Date.now(), costs: Object.fromEntries(costs) };
  }

  private find(id: string): Run {
    const run = this.runs.get(id);
    if (!run) throw new NotFoundException('Nobody watches this run');
    return run;
  }

  private begin(id: string): Run {
    if (this.runs.size >= MAX_RUNS)
      throw new ServiceUnavailableException(`${MAX_RUNS} runs are watched already`);
    const perSecond$ = new BehaviorSubject(FIRST_RATE);
    let n = 0;
    const ticks$ = perSecond$.pipe(
      switchMap((perSecond) => interval(1000 / perSecond)),
      map(() => ({ n: ++n, at: Date.now() })),
      finalize(() => this.runs.delete(id)),
      share(),
    );
    const run: Run = { perSecond$, ticks$, brokenUntil: 0 };
    this.runs.set(id, run);
    return run;
  }
}
