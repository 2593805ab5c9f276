/** Finds the handler of an event: its own, or that of a wildcard. */
import { RESERVED_PREFIX } from '../../protocol/envelope/index.js';
import type { MessageHandler } from '../../session/index.js';
import { InvalidGatewayError } from './errors.js';

const WILDCARD = '*';

/** `*` stands for every event, `chat.*` for those that begin with `chat.`. */
export const isWildcard = (event: string): boolean => event.endsWith(WILDCARD);

interface Prefix {
  readonly text: string;
  readonly handler: MessageHandler;
}

export class EventTable {
  private readonly exact = new Map<string, MessageHandler>();
  /** The longest first, so that the first that fits is the most special one. */
  private readonly prefixes: readonly Prefix[];

  /** @throws InvalidGatewayError when two methods handle the same event */
  constructor(entries: readonly (readonly [event: string, handler: MessageHandler])[], path: string) {
    const wildcards = new Map<string, MessageHandler>();
    for (const [event, handler] of entries) {
      const handlers = isWildcard(event) ? wildcards : this.exact;
      if (handlers.has(event)) throw new InvalidGatewayError(`"${event}" is handled twice on ${path}`);
      handlers.set(event, handler);
    }
    this.prefixes = [...wildcards]
      .map(([event, handler]) => ({ text: event.slice(0, -WILDCARD.length), handler }))
      .sort((a, b) => b.text.length - a.text.length);
  }

  find(event: string): MessageHandler | undefined {
    return this.exact.get(event) ?? (this.prefixes.length > 0 ? this.findPrefix(event)?.handler : undefined);
  }

  /** The wildcard that an event is handled under; undefined where it is its own. */
  patternOf(event: string): string | undefined {
    const prefix = this.exact.has(event) ? undefined : this.findPrefix(event);
    return prefix && prefix.text + WILDCARD;
  }

  /** The library's own events are no application's to catch. */
  private findPrefix(event: string): Prefix | undefined {
    if (event.startsWith(RESERVED_PREFIX)) return undefined;
    return this.prefixes.find(({ text }) => event.startsWith(text));
  }
}
