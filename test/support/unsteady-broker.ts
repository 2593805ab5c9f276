import { MemoryBroker } from '../../lib/broker/memory/index.js';
import type { BrokerPublication, BrokerSubscription, Position, Replay } from '../../lib/channel/index.js';

/** A broker that loses publications on their way, or holds reads up, when a test says so. Counts reads. */
export class UnsteadyBroker extends MemoryBroker {
  reads = 0;
  /** Whether this publication gets lost on its way to subscribers; the history has it. */
  loses: (publication: BrokerPublication) => boolean = () => false;
  /** What a publication looks like when it arrives. */
  alters: (publication: BrokerPublication) => BrokerPublication = (publication) => publication;
  /** Tells subscribers what is lost. */
  readonly losses = new Set<(position: Position) => void>();
  private held: (() => void)[] | undefined;
  private gate: Promise<void> | undefined;
  private open: () => void = () => undefined;

  /** Reads wait from now on. */
  holdReads(): void {
    this.gate = new Promise((resolve) => (this.open = resolve));
  }

  releaseReads(): void {
    this.gate = undefined;
    this.open();
  }

  /** Publications are on their way from now on, and do not arrive. */
  holdDeliveries(): void {
    this.held = [];
  }

  releaseDeliveries(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const deliver of held) deliver();
  }

  override subscribe(
    channel: string,
    deliver: (publication: BrokerPublication) => void,
    lost?: (position: Position) => void,
  ): BrokerSubscription {
    if (lost) this.losses.add(lost);
    return super.subscribe(channel, (publication) => {
      if (this.loses(publication)) return;
      const arrive = (): void => deliver(this.alters(publication));
      if (this.held) this.held.push(arrive);
      else arrive();
    });
  }

  override async history(channel: string, after: Position | undefined): Promise<Replay> {
    this.reads++;
    await this.gate;
    return super.history(channel, after);
  }
}
