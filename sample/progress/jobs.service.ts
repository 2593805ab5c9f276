import {
  ConflictException,
  Injectable,
  Logger,
  NotFoundException,
  type OnApplicationShutdown,
  type OnModuleInit,
  ServiceUnavailableException,
} from '@nestjs/common';
import { type Channel, Channels } from 'nestwire';
import { defer, retry } from 'rxjs';
import { isOver, type Job, type JobList, PROGRESS_EVENT, STEP_NUMBERS, type StartJob } from './job.js';
import { JobStore } from './job-store.js';
import { countPrimes } from './primes.js';

/** So that a job takes long enough to be watched, and the processor has time for others. */
const STEP_MS = 150;
const RUNNING_AT_A_TIME = 3;
const MAX_WAITING = 50;
const KEPT = 30;
const HISTORY = 500;

/**
 * Counts primes, a step at a time, and tells of each in a channel. What is done is on disk before it is told, so a
 * job that a restart interrupts goes on where it was. Jobs of other processes are known by the channel.
 */
@Injectable()
export class JobsService implements OnModuleInit, OnApplicationShutdown {
  readonly progress: Channel<Job>;
  private readonly logger = new Logger(JobsService.name);
  private readonly cancellations: Channel<string>;
  private readonly own = new Map<string, Job>();
  private readonly foreign = new Map<string, Job>();
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    channels: Channels,
    private readonly store: JobStore,
  ) {
    this.progress = channels.channel('jobs', { event: PROGRESS_EVENT, history: { size: HISTORY } });
    this.cancellations = channels.channel('jobs:cancel');
  }

  async onModuleInit(): Promise<void> {
    for (const job of await this.store.load()) this.own.set(job.id, job);
    defer(() => this.progress.observe({ from: 'start' }))
      .pipe(retry({ delay: 1000 }))
      .subscribe((job) => this.hear(job));
    this.cancellations.observe().subscribe((id) => void this.cancelOwn(id));
    this.timer = setTimeout(() => void this.work(), STEP_MS);
  }

  onApplicationShutdown(): void {
    this.isStopping = true;
    clearTimeout(this.timer);
  }

  /** Newest first, and where the stream goes on from here. */
  async list(): Promise<JobList> {
    const replay = await this.progress.replay();
    const jobs = [...this.own.values(), ...this.foreign.values()].sort((a, b) => b.startedAt - a.startedAt);
    return { jobs: jobs.slice(0, KEPT), cursor: replay?.cursor };
  }

  async start({ id, steps }: StartJob): Promise<Job> {
    const known = this.own.get(id) ?? this.foreign.get(id);
    if (known) return known;
    if (this.unfinished.length >= MAX_WAITING) {
      throw new ServiceUnavailableException(`${MAX_WAITING} jobs are waiting already`);
    }
    const job: Job = { id, steps, done: 0, found: 0, state: 'waiting', startedAt: Date.now() };
    await this.change(job);
    return job;
  }

  async cancel(id: string): Promise<void> {
    const job = this.own.get(id) ?? this.foreign.get(id);
    if (!job) throw new NotFoundException(`There is no job "${id}"`);
    if (isOver(job)) throw new ConflictException('The job is over');
    await this.cancellations.publish(id);
  }

  private get unfinished(): Job[] {
    return [...this.own.values()].filter((job) => !isOver(job));
  }

  private async cancelOwn(id: string): Promise<void> {
    const job = this.own.get(id);
    if (job && !isOver(job)) await this.change({ ...job, state: 'cancelled' });
  }

  private hear(job: Job): void {
    if (this.own.has(job.id)) return;
    this.foreign.set(job.id, job);
    dropOldest(this.foreign);
  }

  /** One step of each job whose turn it is, and again. */
  private async work(): Promise<void> {
    try {
      const running = this.unfinished.slice(0, RUNNING_AT_A_TIME);
      await Promise.all(running.map((job) => this.step(job)));
    } catch (error) {
      this.logger.error('A step failed, and is tried again', error);
    }
    if (!this.isStopping) this.timer = setTimeout(() => void this.work(), STEP_MS);
  }

  private async step(job: Job): Promise<void> {
    const begin = job.done * STEP_NUMBERS;
    const found = job.found + countPrimes(begin, begin + STEP_NUMBERS);
    const done = job.done + 1;
    await this.change({ ...job, found, done, state: done < job.steps ? 'running' : 'done' });
  }

  private async change(job: Job): Promise<void> {
    this.own.set(job.id, job);
    dropOldest(this.own);
    await this.store.save(() => [...this.own.values()]);
    // cancelled while it was written: what is told last has to be what is
    const now = this.own.get(job.id);
    if (now) await this.progress.publish(now);
  }
}

function dropOldest(jobs: Map<string, Job>): void {
  if (jobs.size <= KEPT) return;
  const oldest = [...jobs.values()].find(isOver);
  if (oldest) jobs.delete(oldest.id);
}
