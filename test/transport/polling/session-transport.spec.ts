import { json } from 'node:stream/consumers';
import { type Poll, type PollBatch, PollTransport } from '../../../lib/transport/polling/index.js';
import { describeTransport } from '../../session/transport.contract.js';
import { HttpPeer, type HttpTransportKind, HttpTransportsUnderTest } from '../../support/http-transports.js';

/** Polls again and again, unless it stalls. */
class PollPeer extends HttpPeer {
  private isGone = false;
  private isStalled = false;
  private goingOn: () => void = () => undefined;
  private request = this.get({}, '?');

  constructor(url: string) {
    super(url);
    void this.run();
  }

  private async run(): Promise<void> {
    while (!this.isGone) {
      const batch = await this.answer();
      if (this.isStalled) await new Promise<void>((resolve) => (this.goingOn = resolve));
      for (const message of batch?.messages ?? []) this.hear(message);
      this.request = this.get({}, batch ? `?${batch.batch}` : '?');
    }
  }

  private async answer(): Promise<PollBatch | undefined> {
    const response = await new Promise<Parameters<typeof json>[0] & { statusCode?: number }>((resolve) =>
      this.request.on('response', resolve),
    );
    return response.statusCode === 200 ? ((await json(response)) as PollBatch) : undefined;
  }

  stall(): void {
    this.isStalled = true;
  }

  goOn(): void {
    this.isStalled = false;
    this.goingOn();
  }

  breakOff(): void {
    this.isGone = true;
    this.request.destroy();
  }
}

const LIMITS = { batchBytes: 1_000_000, absenceMs: 3_000, closeWaitMs: 500 };

const polls: HttpTransportKind = {
  kind: 'long-polling',
  connect: (url) => new PollPeer(url),
  serve: ({ request, response }, events, connected) => {
    const transport = connected instanceof PollTransport ? connected : undefined;
    const serving = transport ?? new PollTransport('long-polling', events, LIMITS);
    const ack = Number(request.url!.split('?')[1]) || undefined;
    const answer: Poll['answer'] = (batch) => {
      response.statusCode = batch ? 200 : 204;
      response.end(batch && JSON.stringify(batch));
    };
    const poll = { waitMs: 10_000, ack, answer };
    response.on('close', () => serving.giveUp(poll));
    serving.receive(poll);
    return serving;
  },
};

describeTransport('polls', () => HttpTransportsUnderTest.create(polls));
