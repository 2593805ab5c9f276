import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A script that prints `ready` when it serves; started again on the same port after it has ended. */
export class NodeProcess {
  private child: ChildProcess | undefined;

  constructor(
    private readonly script: URL,
    readonly port: number,
    private readonly env: Record<string, string>,
  ) {}

  async start(): Promise<this> {
    const env = { ...process.env, ...this.env, PORT: String(this.port) };
    const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
    const child = (this.child = spawn(process.execPath, [fileURLToPath(this.script)], { env, stdio }));
    for await (const line of createInterface(child.stdout)) {
      if (line === 'ready') return this;
      process.stderr.write(`${line}\n`);
    }
    throw new Error(`${this.script.pathname} ended before it was ready`);
  }

  /** @returns its exit code, or the signal that ended it */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string | undefined> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null) return child?.exitCode ?? undefined;
    const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
    child.kill(signal);
    const [code, ended] = await exited;
    return ended ?? code ?? undefined;
  }
}
