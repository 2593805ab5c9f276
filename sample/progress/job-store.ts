import { Injectable } from '@nestjs/common';
import { FileStore } from '../store/file-store.js';
import { type Job } from './job.js';

const FILE = 'jobs.json';

/** The jobs of this process, on disk. Many changes within a moment are one file. */
@Injectable()
export class JobStore {
  private saving: Promise<void> | undefined;

  constructor(private readonly store: FileStore) {}

  async load(): Promise<Job[]> {
    const file = await this.store.read(FILE);
    return file ? (JSON.parse(file.toString()) as Job[]) : [];
  }

  /** @param jobs asked for when it is written, so that a file is never older than its moment */
  save(jobs: () => readonly Job[]): Promise<void> {
    this.saving ??= Promise.resolve().then(() => {
      this.saving = undefined;
      return this.store.write(FILE, JSON.stringify(jobs()));
    });
    return this.saving;
  }
}
