import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist-sample/main.js', import.meta.url));

/** The built sample as its users run it: a process of its own, with a folder of its own for what it keeps. */
export class SampleProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly url: string,
    private readonly settings: NodeJS.ProcessEnv,
  ) {}

  /** @param settings further variables of its environment */
  static async start(settings: NodeJS.ProcessEnv = {}): Promise<SampleProcess> {
    return SampleProcess.run(await mkdtemp(join(tmpdir(), 'sample-data-')), 0, settings);
  }

  /** Same port, same folder, new process. */
  restart(): Promise<SampleProcess> {
    return SampleProcess.run(this.folder, Number(new URL(this.url).port), this.settings);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }

  /** For good: with what it kept. */
  async end(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  private static async run(
    folder: string,
    port: number,
    settings: NodeJS.ProcessEnv,
  ): Promise<SampleProcess> {
    const env = { ...process.env, ...settings, PORT: String(port), SAMPLE_DATA_DIR: folder };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    return new SampleProcess(child, folder, await urlPrintedBy(child), settings);
  }
}

function urlPrintedBy(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const url = /http:\/\/localhost:\d+/.exec(output)?.[0];
      if (url) resolve(url);
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('exit', (code) => reject(new Error(`the sample ended with ${code} and said:\n${output}`)));
  });
}
