import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { EventStreamParser } from '../../../lib/protocol/event-stream/index.js';
import { StreamTransport } from '../../../lib/transport/event-stream/index.js';
import { describeTransport } from '../../session/transport.contract.js';
import { HttpPeer, type HttpTransportKind, HttpTransportsUnderTest } from '../../support/http-transports.js';

class StreamPeer extends HttpPeer {
  private readonly request = this.get({ Accept: 'text/event-stream' });
  private response: IncomingMessage | undefined;
  private isStalled = false;

  constructor(url: string) {
    super(url);
    const parser = new EventStreamParser({ onEvent: ({ data }) => this.hear(data) });
    this.request.on('response', (response) => {
      this.response = response;
      response.on('data', (chunk: Buffer) => parser.push(chunk));
      response.on('error', () => undefined);
      if (this.isStalled) response.pause();
    });
  }

  stall(): void {
    this.isStalled = true;
    this.response?.pause();
  }

  goOn(): void {
    this.isStalled = false;
    this.response?.resume();
  }

  breakOff(): void {
    this.request.socket!.resetAndDestroy();
  }
}

const OPTIONS = { heartbeatMs: 15_000, compression: false, closeWaitMs: 500 };

const streams: HttpTransportKind = {
  kind: 'event-stream',
  connect: (url) => new StreamPeer(url),
  serve: ({ request, response }, events) => new StreamTransport(request, response, events, OPTIONS),
};

describeTransport('an event stream', () => HttpTransportsUnderTest.create(streams));

it('An event stream says when to come back beside the message that says it is over', async () => {
  const events = { message: () => undefined, drained: () => undefined, closed: () => undefined };
  const server = createServer((request, response) => {
    new StreamTransport(request, response, events, OPTIONS).close(1012, 'retry=250');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const close = '{"event":"nestwire:close","data":{"code":1012,"reason":"retry=250"}}';

  expect(await answer.text()).toBe(`retry: 250\ndata: ${close}\n\n`);
  server.close();
});
