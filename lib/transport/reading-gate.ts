/** Back-pressure on a client whose messages come by requests: the answer to one waits until there is room. */
export class ReadingGate {
  private waiting: (() => void)[] | undefined;

  /** @returns undefined when there is room */
  passed(): Promise<void> | undefined {
    const { waiting } = this;
    return waiting && new Promise((resolve) => waiting.push(resolve));
  }

  close(): void {
    this.waiting ??= [];
  }

  open(): void {
    const { waiting } = this;
    this.waiting = undefined;
    for (const pass of waiting ?? []) pass();
  }
}
