import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Channel,
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  Payload,
  Subscribe,
} from 'nestwire';
import { connectRaw, handshake, textFrame } from '../support/raw-http.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

@Gateway('/target')
class TargetGateway {
  private readonly news: Channel;

  constructor(channels: Channels) {
    this.news = channels.channel('news', { history: {} });
  }

  @Subscribe('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }

  @Subscribe('visit')
  async visit(@CurrentSession() session: GatewaySession): Promise<void> {
    await session.join(this.news);
    session.leave(this.news);
  }
}

describe('a resumable client', () => {
  let running: TestApp;
  let bystander: WsClient;

  beforeEach(async () => {
    running = await startApp({
      module: { providers: [TargetGateway] },
      nestwire: { limits: { outboundBytes: 64 * 1024, closeWaitMs: 100 } },
    });
    bystander = await WsClient.connect(`ws://${running.address}/target`);
  });

  afterEach(async () => {
    await bystander.close();
    await running.close();
  });

  it('that asks for pongs and reads none is cut off', async () => {
    await floodWith('{"event":"nestwire:ping"}');
  });

  it('that joins and leaves without end and reads nothing is cut off', async () => {
    await floodWith('{"event":"visit"}');
  });

  /** Sends until the server has lost its patience, and never reads. */
  async function floodWith(text: string): Promise<void> {
    const { address } = running;
    const socket = await connectRaw(address);
    socket.write(handshake(address, { path: '/target?nestwire-session=new' }));
    const flood = Buffer.concat(Array.from({ length: 500 }, () => textFrame(text)));
    let isOver = false;
    const over = new Promise<void>((resolve) => {
      socket.once('close', () => {
        isOver = true;
        resolve();
      });
    });
    while (!isOver) {
      if (!socket.write(flood)) {
        await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), over]);
      }
      await turn();
    }
    expect(await bystander.request('echo', 1)).toMatchObject({ data: 1 });
  }
});
