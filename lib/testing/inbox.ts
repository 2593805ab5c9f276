import type { CloseDetails } from '../session/index.js';
import { ConnectionEndedError } from './errors.js';
import type { ServerMessage } from './messages.js';
import { within } from './within.js';

interface Waiter {
  readonly event: string | undefined;
  readonly resolve: (message: ServerMessage) => void;
  readonly reject: (error: Error) => void;
}

/** Keeps messages until somebody takes them, and makes those wait who come too early. */
export class Inbox {
  private readonly messages: ServerMessage[] = [];
  private readonly waiters = new Set<Waiter>();
  private end: CloseDetails | undefined;

  constructor(private readonly waitMs: number) {}

  receive(message: ServerMessage): void {
    const waiter = [...this.waiters].find(({ event }) => event === undefined || event === message.event);
    if (!waiter) return void this.messages.push(message);
    this.waiters.delete(waiter);
    waiter.resolve(message);
  }

  /** The oldest message with that event, or of all. */
  next(event: string | undefined): Promise<ServerMessage> {
    const at = event === undefined ? 0 : this.messages.findIndex((message) => message.event === event);
    const [message] = at < 0 ? [] : this.messages.splice(at, 1);
    if (message) return Promise.resolve(message);
    const name = nameOf(event);
    if (this.end) return Promise.reject(new ConnectionEndedError(name, this.end));
    return within(this.arrival(event), this.waitMs, name, () => this.untaken);
  }

  private arrival(event: string | undefined): Promise<ServerMessage> {
    return new Promise((resolve, reject) => this.waiters.add({ event, resolve, reject }));
  }

  /** The events of messages that nobody has taken, oldest first. */
  get untaken(): string[] {
    return this.messages.map(({ event }) => event);
  }

  close(details: CloseDetails): void {
    this.end = details;
    for (const { event, reject } of this.waiters) reject(new ConnectionEndedError(nameOf(event), details));
    this.waiters.clear();
  }
}

const nameOf = (event: string | undefined): string => (event === undefined ? 'a message' : `"${event}"`);
