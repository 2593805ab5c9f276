/**
 * One timer for whatever comes round again and again for many connections: it turns a wheel of slots, and each
 * member lies in the slot of its next time.
 */

export interface WheelMember {
  /** Kept by the wheel. */
  slot: Set<WheelMember> | undefined;
  /** Its time has come. @returns in how many turns it comes again; 0: no more */
  due(): number;
}

export class TimerWheel {
  private readonly slots: Set<WheelMember>[];
  private now = 0;
  private size = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param maxTurns the most that a member may ask for */
  constructor(
    private readonly turnMs: number,
    maxTurns: number,
  ) {
    this.slots = Array.from({ length: maxTurns + 1 }, () => new Set<WheelMember>());
  }

  add(member: WheelMember, turns: number): void {
    this.place(member, turns);
    if (++this.size === 1) this.start();
  }

  /** Does nothing for one that is not in it. */
  remove(member: WheelMember): void {
    if (!member.slot?.delete(member)) return;
    member.slot = undefined;
    if (--this.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private place(member: WheelMember, turns: number): void {
    member.slot = this.slots[(this.now + turns) % this.slots.length]!;
    member.slot.add(member);
  }

  private start(): void {
    this.timer = setInterval(() => this.turn(), this.turnMs);
    // Waiting for silence must not keep a process alive
    this.timer.unref();
  }

  private turn(): void {
    this.now++;
    const due = this.slots[this.now % this.slots.length]!;
    for (const member of [...due]) {
      // One that came before it may have taken it out
      if (due.has(member)) this.come(member);
    }
  }

  private come(member: WheelMember): void {
    const turns = member.due();
    if (turns === 0) return this.remove(member);
    // Its end may have come of it
    if (!member.slot?.delete(member)) return;
    this.place(member, turns);
  }
}
