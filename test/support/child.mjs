/** A process that talks by messages, and whose death is an error. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export class Child {
  #process;

  /** @param path beside this file, or absolute */
  constructor(path, options) {
    this.#process = fork(fileURLToPath(new URL(path, import.meta.url)), [JSON.stringify(options)]);
  }

  get pid() {
    return this.#process.pid;
  }

  tell(message) {
    this.#process.send(message);
  }

  /** What it says next. */
  async answer() {
    const ended = once(this.#process, 'exit').then(([code, signal]) => {
      throw new Error(`process ${this.pid} ended with ${code ?? signal}`);
    });
    const [message] = await Promise.race([once(this.#process, 'message'), ended]);
    return message;
  }

  stop() {
    this.#process.removeAllListeners('exit');
    this.#process.kill('SIGKILL');
  }
}
