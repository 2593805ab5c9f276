/** An extension whose work ends when the test says so: what comes meanwhile has to wait its turn. */
import type { MessageTransform, NegotiatedExtension } from '../../../lib/protocol/websocket/index.js';
import { setImmediate as turn } from 'node:timers/promises';

const RSV1 = 0x40;

type Act = 'encode' | 'decode';

interface Job {
  readonly act: Act;
  readonly text: string;
  settle(outcome?: Error | Buffer): void;
}

export class SlowExtension implements MessageTransform {
  /** Work begun and not ended. */
  readonly jobs: Job[] = [];
  isClosed = false;

  encode({ payload, compress }: { payload: Buffer; compress: boolean }): Promise<Buffer> | undefined {
    return compress ? this.begin('encode', payload) : undefined;
  }

  decode(payload: Buffer): Promise<Buffer> {
    return this.begin('decode', payload);
  }

  close(): void {
    this.isClosed = true;
  }

  private begin(act: Act, payload: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Error | Buffer = Buffer.from(`<${payload.toString()}>`)): void => {
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      this.jobs.push({ act, text: payload.toString(), settle });
    });
  }

  /** Ends the oldest work, by default with its text in angle brackets. */
  async finish(outcome?: Error | Buffer): Promise<void> {
    this.jobs.shift()!.settle(outcome);
    await turn();
  }

  /** As it is handed to a connection. */
  get negotiated(): readonly NegotiatedExtension[] {
    return [{ name: 'x-slow', rsv: RSV1, accepted: { parameters: new Map(), open: () => this } }];
  }
}
