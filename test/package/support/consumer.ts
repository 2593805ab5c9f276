import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './run.js';

const FIXTURES = join(dirname(import.meta.dirname), 'fixtures');

/** An application in a folder of its own, with the packed library installed from its tarball. */
export class Consumer {
  private constructor(readonly folder: string) {}

  static async install(fixture: string, parent: string, tarball: string): Promise<Consumer> {
    const consumer = new Consumer(join(parent, fixture));
    await cp(join(FIXTURES, fixture), consumer.folder, { recursive: true });
    await cp(join(FIXTURES, 'shared'), join(consumer.folder, 'src'), { recursive: true });
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
    await run('npm', ['install', ...flags, tarball], consumer.folder);
    return consumer;
  }

  /** Runs the application's own TypeScript. @returns what it says */
  compile(...args: string[]): Promise<string> {
    return this.node(join('node_modules', 'typescript', 'bin', 'tsc'), ...args);
  }

  /** @returns what the program wrote to stdout */
  node(...args: string[]): Promise<string> {
    return run(process.execPath, args, this.folder);
  }

  async write(path: string, content: string): Promise<void> {
    const whole = join(this.folder, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, content);
  }
}
