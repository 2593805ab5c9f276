import { TYPING_REPEAT_MS } from '../../chat/chat.limits.js';
import { type Member, type TypingChange } from '../../chat/chat.protocol.js';

/** Others who are typing. Whoever falls silent is dropped, for the notice of the end may never come. */
export class Typists {
  private readonly active = new Map<string, { member: Member; timer: number }>();

  constructor(private readonly changed: () => void) {}

  get names(): string[] {
    return Array.from(this.active.values(), ({ member }) => member.name);
  }

  apply({ member, typing }: TypingChange): void {
    this.drop(member.id);
    if (!typing) return;
    const timer = window.setTimeout(() => {
      this.drop(member.id);
      this.changed();
    }, 2 * TYPING_REPEAT_MS);
    this.active.set(member.id, { member, timer });
  }

  drop(id: string): void {
    window.clearTimeout(this.active.get(id)?.timer);
    this.active.delete(id);
  }

  clear(): void {
    for (const id of [...this.active.keys()]) this.drop(id);
  }
}
