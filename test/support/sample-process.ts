import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist-sample/main.js', import.meta.url));

/** The built sample as its users run it: a process of its own. */
export class SampleProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** @param port 0 for any that is free */
  static async start(port = 0): Promise<SampleProcess> {
    const env = { ...process.env, PORT: String(port) };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    return new SampleProcess(child, await urlPrintedBy(child));
  }

  /** Same port, new process, nothing remembered. */
  restart(): Promise<SampleProcess> {
    return SampleProcess.start(Number(new URL(this.url).port));
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
