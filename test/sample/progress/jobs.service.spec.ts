import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Channels } from 'nestwire';
import { firstValueFrom } from 'rxjs';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import { type Job } from '../../../sample/progress/job.js';
import { JobStore } from '../../../sample/progress/job-store.js';
import { JobsService } from '../../../sample/progress/jobs.service.js';
import { countPrimes } from '../../../sample/progress/primes.js';
import { FileStore } from '../../../sample/store/file-store.js';

const ID = 'one-job-of-sixteen';

let folder: string;
let running: JobsService[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jobs-'));
});

afterEach(async () => {
  for (const jobs of running) jobs.onApplicationShutdown();
  running = [];
  // a step that was under way may still write
  await rm(folder, { recursive: true, maxRetries: 5, retryDelay: 50 });
});

async function begin(broker = new MemoryBroker(), data = folder): Promise<JobsService> {
  const jobs = new JobsService(new Channels(broker), new JobStore(new FileStore(data)));
  await jobs.onModuleInit();
  running.push(jobs);
  return jobs;
}

function until(jobs: JobsService, isReached: (job: Job) => boolean): Promise<Job> {
  return new Promise((resolve) => {
    jobs.progress.observe({ from: 'start' }).subscribe((job) => {
      if (isReached(job)) resolve(job);
    });
  });
}

describe('Jobs', () => {
  it('count primes', () => {
    expect(countPrimes(0, 10_000)).toBe(1229);
    expect(countPrimes(10_000, 20_000)).toBe(1033);
  });

  it('go on in the next process from where they were, and come to the same result', async () => {
    const first = await begin();
    await first.start({ id: ID, steps: 4 });
    await until(first, ({ done }) => done === 2);
    first.onApplicationShutdown();
    const second = await begin();
    const next = await firstValueFrom(second.progress.observe());
    expect(next.done).toBeGreaterThan(2);
    expect(await until(second, ({ state }) => state === 'done')).toMatchObject({ done: 4, found: 4203 });
  });

  it('are cancelled, by another process too, and stay so', async () => {
    const broker = new MemoryBroker();
    const [owner, other] = [await begin(broker), await begin(broker, join(folder, 'other'))];
    await owner.start({ id: ID, steps: 400 });
    await until(other, ({ done }) => done === 1);
    await other.cancel(ID);
    await until(other, ({ state }) => state === 'cancelled');
    const { jobs } = await other.list();
    expect(jobs.map(({ state }) => state)).toEqual(['cancelled']);
    await expect(other.cancel(ID)).rejects.toThrow('The job is over');
    await expect(other.cancel('unknown')).rejects.toThrow('There is no job "unknown"');
  });

  it('are the same job when they are asked for again', async () => {
    const jobs = await begin();
    const first = await jobs.start({ id: ID, steps: 2 });
    expect(await jobs.start({ id: ID, steps: 2 })).toMatchObject({ id: ID, startedAt: first.startedAt });
    expect((await jobs.list()).jobs).toHaveLength(1);
  });

  it('are listed with the cursor from which the stream goes on', async () => {
    const jobs = await begin();
    await jobs.start({ id: ID, steps: 400 });
    const { cursor } = await jobs.list();
    const later = firstValueFrom(jobs.progress.observe({ from: cursor! }));
    // the first that was told, of a job that waits, is in the list
    expect((await later).done).toBeGreaterThan(0);
  });
});
