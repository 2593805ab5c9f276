import { randomBytes } from 'node:crypto';
import {
  BrokerClosedError,
  type BrokerPresence,
  type BrokerSubscription,
  type Position,
  type PresenceChange,
  type PresenceState,
  type PresentPerson,
} from '../../channel/index.js';
import { FanOut } from './fan-out.js';

type Watcher = (change: PresenceChange) => void;

const EPOCH_BYTES = 9;

/** The people of one channel. */
class Room extends FanOut<PresenceChange> {
  readonly people = new Map<string, PresentPerson>();
  /** Those for whom there was no place. */
  readonly waiting = new Map<string, PresentPerson>();
  private offset = 0;

  constructor(private readonly epoch: string) {
    super();
  }

  get position(): Position {
    return { epoch: this.epoch, offset: this.offset };
  }

  get isEmpty(): boolean {
    return this.people.size === 0 && this.subscribers.size === 0;
  }

  enter(person: PresentPerson, size: number): void {
    if (this.people.has(person.key)) return;
    if (this.people.size >= size) {
      this.waiting.set(person.key, person);
      return;
    }
    this.people.set(person.key, person);
    this.tell('joined', person);
  }

  leave(key: string): void {
    this.waiting.delete(key);
    const person = this.people.get(key);
    if (!person) return;
    this.people.delete(key);
    this.tell('left', person);
    const [next] = this.waiting.values();
    if (!next) return;
    this.waiting.delete(next.key);
    this.enter(next, Infinity);
  }

  private tell(type: 'joined' | 'left', person: PresentPerson): void {
    this.offset++;
    this.deliver({ type, person, position: this.position });
  }
}

/** Who is in which channel of one process. */
export class MemoryPresence implements BrokerPresence {
  private readonly rooms = new Map<string, Room>();
  /** One for all: a room that is empty is forgotten, and what is told of a new one must not fit to it. */
  private readonly epochs = randomBytes(EPOCH_BYTES).toString('base64url');
  private made = 0;
  private closed = false;

  enter(channel: string, person: PresentPerson, size: number): Promise<void> {
    if (!this.closed) this.room(channel).enter(person, size);
    return Promise.resolve();
  }

  leave(channel: string, key: string): Promise<void> {
    this.rooms.get(channel)?.leave(key);
    this.forgetEmpty(channel);
    return Promise.resolve();
  }

  read(channel: string): Promise<PresenceState> {
    if (this.closed) return Promise.reject(new BrokerClosedError());
    const room = this.room(channel);
    this.forgetEmpty(channel);
    return Promise.resolve({ people: [...room.people.values()], position: room.position });
  }

  watch(channel: string, changed: Watcher): BrokerSubscription {
    if (this.closed) return { ready: Promise.reject(new BrokerClosedError()), close: () => undefined };
    // one function may watch twice
    const own: Watcher = (change) => changed(change);
    const room = this.room(channel);
    room.subscribers.add(own);
    const close = (): void => {
      room.subscribers.delete(own);
      this.forgetEmpty(channel);
    };
    return { ready: Promise.resolve(), close };
  }

  private room(channel: string): Room {
    let room = this.rooms.get(channel);
    if (!room) this.rooms.set(channel, (room = new Room(`${this.epochs}${(++this.made).toString(36)}`)));
    return room;
  }

  private forgetEmpty(channel: string): void {
    if (this.rooms.get(channel)?.isEmpty) this.rooms.delete(channel);
  }

  close(): void {
    this.closed = true;
    this.rooms.clear();
  }
}
