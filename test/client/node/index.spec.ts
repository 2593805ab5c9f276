/** On Node connections are made with the core of this package, whose limits are those of a server. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Gateway, Subscribe, defineProtocol } from 'nestwire';
import { type Client, connect } from 'nestwire/client';
import { z } from 'zod';
import { type TestApp, startApp } from '../../support/test-app.js';

const protocol = defineProtocol('size', {
  client: {
    make: { payload: z.number(), reply: z.string() },
    weigh: { payload: z.string(), reply: z.number() },
  },
});

@Gateway({ path: '/size', protocol })
class SizeGateway {
  @Subscribe(protocol, 'make')
  make(length: number): string {
    return 'x'.repeat(length);
  }

  @Subscribe(protocol, 'weigh')
  weigh(text: string): number {
    return text.length;
  }
}

describe('nestwire/client on Node', () => {
  let app: TestApp;
  let client: Client<typeof protocol>;
  let states: string[];

  beforeEach(async () => {
    app = await startApp({ module: { providers: [SizeGateway] } });
    client = connect(`http://${app.address}/size`, { protocol, transports: ['websocket'] });
    states = [];
    client.status$.subscribe(({ state }) => states.push(state));
  });

  afterEach(async () => {
    client.close();
    await app.close();
  });

  it('gets messages that are larger than those that a server takes', async () => {
    expect(await client.request('make', 1_000_000)).toHaveLength(1_000_000);
    expect(states).toEqual(['connecting', 'open']);
  });

  it('sends as much at once as it is given', async () => {
    const sizes = await Promise.all(
      Array.from({ length: 60 }, () => client.request('weigh', 'x'.repeat(200_000))),
    );
    expect(sizes).toEqual(Array(60).fill(200_000));
    expect(states).toEqual(['connecting', 'open']);
  });
});
