/** Runs a contestant in a process of its own, on a core of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { commandOf } from './contestants.mjs';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

export class ServerProcess {
  port = 0;
  #child;
  #lines;

  constructor(contestant, options) {
    const command = ['-c', `${SERVER_CORE}`, ...commandOf(contestant, options)];
    const env = { ...process.env, NODE_ENV: 'production' };
    const stdio = ['pipe', 'pipe', 'inherit'];
    this.#child = spawn('taskset', command, { env, stdio });
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  static async start(contestant, options) {
    const server = new ServerProcess(contestant, options);
    server.port = (await server.#answer()).port;
    return server;
  }

  /** taskset replaces itself by the command, so this is the server's own id. */
  get pid() {
    return this.#child.pid;
  }

  async collectGarbage() {
    this.#child.stdin.write('collect\n');
    await this.#answer();
  }

  stop() {
    this.#child.kill('SIGKILL');
  }

  async #answer() {
    const ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`the server ended with code ${code}`);
    });
    const [line] = await Promise.race([once(this.#lines, 'line'), ended]);
    return JSON.parse(line);
  }
}
