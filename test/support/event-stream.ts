import { EventStreamParser, type ReceivedEvent } from '../../lib/protocol/event-stream/index.js';

/** An event stream read by Node's fetch. */
export class EventStream {
  retryMs: number | undefined;
  /** The last id, of events and of what is no event. */
  id = '';
  readonly comments: string[] = [];
  private readonly events: ReceivedEvent[] = [];
  private readonly chunks: AsyncIterator<Uint8Array>;
  private hasEnded = false;
  private readonly parser = new EventStreamParser({
    onEvent: (event) => this.events.push(event),
    onComment: (text) => this.comments.push(text),
    onRetry: (ms) => (this.retryMs = ms),
    onId: (id) => (this.id = id),
  });

  private constructor(
    readonly response: Response,
    private readonly controller: AbortController,
  ) {
    this.chunks = chunksOf(response)[Symbol.asyncIterator]();
  }

  /** The URL's answer as a stream, whatever its status. */
  static async open(url: string, init: RequestInit = {}): Promise<EventStream> {
    const controller = new AbortController();
    const response = await fetch(url, { ...init, signal: controller.signal });
    return new EventStream(response, controller);
  }

  get status(): number {
    return this.response.status;
  }

  get headers(): Headers {
    return this.response.headers;
  }

  /** The next event; undefined at the end. */
  async next(): Promise<ReceivedEvent | undefined> {
    while (this.events.length === 0 && !this.hasEnded) await this.read();
    return this.events.shift();
  }

  async take(count: number): Promise<ReceivedEvent[]> {
    const taken: ReceivedEvent[] = [];
    while (taken.length < count) taken.push((await this.next())!);
    return taken;
  }

  /** Everything until the end. */
  async rest(): Promise<ReceivedEvent[]> {
    while (!this.hasEnded) await this.read();
    return this.events.splice(0);
  }

  /** Reads until what came says so. */
  async until(isEnough: (stream: this) => boolean): Promise<void> {
    while (!isEnough(this) && !this.hasEnded) await this.read();
  }

  private async read(): Promise<void> {
    const next = (await this.chunks.next()) as IteratorResult<Uint8Array, undefined>;
    if (next.done) this.hasEnded = true;
    else this.parser.push(next.value);
  }

  /** Leaves, whether or not it has ended. */
  close(): void {
    this.controller.abort();
  }
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const body = response.body as unknown as AsyncIterable<Uint8Array> | null;
  if (body) yield* body;
}
