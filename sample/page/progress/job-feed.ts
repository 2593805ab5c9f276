import { type Job, type JobList, PROGRESS_EVENT } from '../../progress/job.js';

/** `EventSource` comes back by itself after a lost connection, but not after an answer such as 503. */
const AGAIN_MS = 1000;

/** What a feed tells its view. */
export interface FeedEvents {
  changed(): void;
}

/**
 * All jobs, kept right by the browser's own `EventSource`: first the list, then what came after its cursor. The
 * browser sends the id of the last event when it comes back; a gap means that the list has to be had anew.
 */
export class JobFeed {
  readonly jobs = new Map<string, Job>();
  state: 'connecting' | 'open' | 'waiting' = 'connecting';
  events = 0;
  returns = 0;
  gaps = 0;
  cursor: string | undefined;

  private source: EventSource | undefined;
  private timer = 0;
  private wasOpen = false;

  constructor(
    private readonly view: FeedEvents,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.stop());
    void this.begin();
  }

  private async begin(): Promise<void> {
    try {
      await this.loadList();
      if (!this.signal.aborted) this.listen();
    } catch (error) {
      if (!(error instanceof TypeError) && !(error instanceof UnexpectedStatus)) throw error;
      this.later(() => void this.begin());
    }
  }

  private async loadList(): Promise<void> {
    const answer = await fetch('/jobs');
    if (!answer.ok) throw new UnexpectedStatus(answer.status);
    const { jobs, cursor } = (await answer.json()) as JobList;
    this.jobs.clear();
    for (const job of jobs) this.jobs.set(job.id, job);
    this.cursor = cursor;
    this.view.changed();
  }

  private listen(): void {
    const query = this.cursor === undefined ? '' : `?cursor=${encodeURIComponent(this.cursor)}`;
    const source = new EventSource(`/jobs/progress${query}`);
    this.source = source;
    source.addEventListener('open', () => this.opened());
    source.addEventListener('error', () => this.failed(source));
    source.addEventListener(PROGRESS_EVENT, (event) => this.receive(event as MessageEvent<string>));
    source.addEventListener('nestwire:gap', () => this.missed());
  }

  private opened(): void {
    if (this.wasOpen) this.returns++;
    this.wasOpen = true;
    this.tell('open');
  }

  private failed(source: EventSource): void {
    this.tell('waiting');
    if (source.readyState === EventSource.CLOSED) this.later(() => this.listen());
  }

  private receive({ data, lastEventId }: MessageEvent<string>): void {
    const job = JSON.parse(data) as Job;
    this.jobs.set(job.id, job);
    this.events++;
    this.cursor = lastEventId;
    this.view.changed();
  }

  private missed(): void {
    this.gaps++;
    this.source?.close();
    void this.begin();
  }

  private later(act: () => void): void {
    this.tell('waiting');
    if (!this.signal.aborted) this.timer = window.setTimeout(act, AGAIN_MS);
  }

  private tell(state: JobFeed['state']): void {
    this.state = state;
    this.view.changed();
  }

  private stop(): void {
    window.clearTimeout(this.timer);
    this.source?.close();
  }
}

class UnexpectedStatus extends Error {
  override readonly name = 'UnexpectedStatus';

  constructor(status: number) {
    super(`the server answered with ${status}`);
  }
}
