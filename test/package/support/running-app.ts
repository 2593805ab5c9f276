import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../support/free-port.js';

/** An application that runs until it is stopped, on a port that was free. */
export class RunningApp {
  private constructor(
    private readonly child: ChildProcess,
    readonly host: string,
  ) {}

  static start(folder: string, main: string): Promise<RunningApp> {
    return RunningApp.run(folder, process.execPath, main);
  }

  static npmStart(folder: string): Promise<RunningApp> {
    return RunningApp.run(folder, 'npm', 'start');
  }

  private static async run(cwd: string, command: string, ...args: string[]): Promise<RunningApp> {
    const port = await freePort();
    const env = { ...process.env, PORT: String(port) };
    // a group of its own, since npm starts others that have to end with it
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    await started(child);
    await reachable(port);
    return new RunningApp(child, `localhost:${port}`);
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    process.kill(-this.child.pid!, 'SIGTERM');
    await exited;
  }
}

/** Nest says that it has started before it listens. */
async function reachable(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, 'localhost');
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await pause(20);
  }
}

/** Nest's own log says when it is initialised. */
function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('successfully started')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${output}`)));
  });
}
