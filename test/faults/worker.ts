import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Answer {
  /** 0: it is ready. */
  readonly number: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A process of `processes/` that does what it is told. */
export class Worker {
  private readonly awaiting = new Map<number, (answer: Answer) => void>();
  private calls = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (answer: Answer) => this.awaiting.get(answer.number)?.(answer));
    child.on('exit', (code, signal) => {
      const error = `the process ended with ${code ?? signal}`;
      for (const [number, settle] of this.awaiting) settle({ number, error });
    });
  }

  /**
   * @param environment beside our own
   * @returns when it is ready
   */
  static async start(script: string, options: object, environment: NodeJS.ProcessEnv = {}): Promise<Worker> {
    const path = fileURLToPath(new URL(`./processes/${script}.mjs`, import.meta.url));
    const env = { ...process.env, ...environment };
    const worker = new Worker(fork(path, [JSON.stringify(options)], { execArgv: ['--expose-gc'], env }));
    await worker.answer(0);
    return worker;
  }

  /** @throws Error when the command failed, and when the process has ended */
  ask(command: string, input?: unknown): Promise<unknown> {
    const number = ++this.calls;
    const answer = this.answer(number);
    this.child.send({ number, command, input });
    return answer;
  }

  private async answer(number: number): Promise<unknown> {
    const { result, error } = await new Promise<Answer>((resolve) => this.awaiting.set(number, resolve));
    this.awaiting.delete(number);
    if (error === undefined) return result;
    throw new Error(error);
  }

  get pid(): number {
    return this.child.pid!;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** @returns the signal or the code that it ended with */
  async end(signal: NodeJS.Signals): Promise<NodeJS.Signals | number | null> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return child.signalCode ?? child.exitCode;
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    child.kill(signal);
    const [code, by] = await ended;
    return by ?? code;
  }
}
