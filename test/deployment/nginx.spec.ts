/** The configuration of nginx that is shipped, in front of two processes of the sample that share a Redis. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type TransportKind, connect } from 'nestwire/client';
import { LabProtocol } from '../../sample/lab/lab.protocol.js';
import { RedisServer } from '../support/redis-server.js';
import { SampleProcess } from '../support/sample-process.js';
import { Chatter } from './support/chatter.js';
import { type Logged, Nginx } from './support/nginx.js';
import { ask, trusting } from './support/trusting.js';

const TRANSPORTS: TransportKind[] = ['websocket', 'event-stream', 'long-polling', 'short-polling'];
const KIB = 1024;

/** nginx has 499 for whoever has left: those of the test before have, maybe only now. */
const isRefused = ({ status }: Logged): boolean => status >= 400 && status !== 499;

describe('nginx as it is shipped, in front of two nodes', () => {
  let redis: RedisServer;
  let nodes: SampleProcess[];
  let nginx: Nginx;
  let chatters: Chatter[] = [];

  const addressOf = ({ url }: SampleProcess): string => `127.0.0.1:${new URL(url).port}`;

  beforeAll(async () => {
    redis = await RedisServer.start();
    const settings = { REDIS_URL: redis.url, TRUSTED_PROXIES: '127.0.0.1' };
    nodes = await Promise.all([SampleProcess.start(settings), SampleProcess.start(settings)]);
    nginx = await Nginx.start(nodes.map(addressOf));
  });

  afterEach(() => {
    for (const chatter of chatters) chatter.leave();
    chatters = [];
  });

  afterAll(async () => {
    await nginx.stop();
    await Promise.all(nodes.map((node) => node.end()));
    await redis.stop();
  });

  async function enter(transport: TransportKind): Promise<Chatter> {
    const chatter = new Chatter(nginx.url, nginx.certificate, transport);
    chatters.push(chatter);
    await chatter.enter();
    return chatter;
  }

  it.each(TRANSPORTS)('passes each message on when it comes, over %s', async (transport) => {
    const [one, other] = [await enter(transport), await enter('websocket')];
    // nobody says anything before the last word was heard: what is held back is waited for in vain
    for (const n of [1, 2, 3]) {
      await other.say(`${transport} down ${n}`);
      await one.hears(`${transport} down ${n}`);
      await one.say(`${transport} up ${n}`);
      await Promise.all([one, other].map((each) => each.hears(`${transport} up ${n}`)));
    }
    expect(one.heard.filter((said) => said.startsWith(transport))).toEqual(
      [1, 2, 3].flatMap((n) => [`${transport} down ${n}`, `${transport} up ${n}`]),
    );
  });

  it.each(TRANSPORTS.slice(1))(
    'sends the requests of one session to both nodes, over %s',
    async (transport) => {
      const before = (await nginx.log()).length;
      const one = await enter(transport);
      for (const n of [1, 2, 3, 4]) await one.say(`${transport} alone ${n}`);
      const requests = async (): Promise<Logged[]> =>
        (await nginx.log()).slice(before).filter(({ path }) => path === '/chat');
      // what was answered is in the log a little later
      while ((await requests()).filter(({ method }) => method === 'POST').length < 5) await pause(20);
      expect(new Set((await requests()).map(({ node }) => node))).toEqual(new Set(nodes.map(addressOf)));
      expect((await requests()).filter(isRefused)).toEqual([]);
    },
  );

  it('passes an event stream of HTTP/2 on while it lasts', async () => {
    const session = connectHttp2(nginx.url, { ca: nginx.certificate });
    const stream = session.request({ ':path': '/jobs/progress' }).setEncoding('utf8');
    await once(stream, 'response');
    await ask(`${nginx.url}/jobs`, {
      ca: nginx.certificate,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id: 'job-of-this-test-1', steps: 400 }),
    });
    let received = '';
    for await (const chunk of stream as AsyncIterable<string>) {
      received += chunk;
      if (received.includes('"done":2')) break;
    }
    expect(received).toMatch(/^event: progress$/m);
    session.destroy();
    await ask(`${nginx.url}/jobs/job-of-this-test-1`, { ca: nginx.certificate, method: 'DELETE' });
  });

  it('keeps a run of the lab on one node, with its controls', async () => {
    const run = 'run-of-this-test-1';
    const client = connect(`${nginx.url}/lab?run=${run}&lane=websocket`, {
      protocol: LabProtocol,
      ...trusting(nginx.certificate),
    });
    const ticks: number[] = [];
    client.stream('watch', { run }).subscribe({ next: ({ n }) => ticks.push(n), error: () => undefined });
    while (ticks.length === 0) await pause(20);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { statusCode } = await ask(`${nginx.url}/lab/runs/${run}/rate`, {
        ca: nginx.certificate,
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ perSecond: 50 }),
      });
      statuses.push(statusCode!);
    }
    client.close();
    expect(statuses).toEqual([204, 204, 204, 204]);
  });

  it('refuses a POST that is larger than a message may be, and no other', async () => {
    const { statusCode } = await ask(`${nginx.url}/chat`, {
      ca: nginx.certificate,
      method: 'POST',
      headers: { 'Content-Type': 'application/nestwire+json', 'Nestwire-Session': 'new' },
      body: 'x'.repeat(257 * KIB),
    });
    expect(statusCode).toBe(413);
    // what a new client brings along has a limit of its own, which is the node's to enforce
    const refused = await ask(`${nginx.url}/chat`, {
      ca: nginx.certificate,
      method: 'POST',
      headers: { 'Content-Type': 'application/nestwire+json', 'Nestwire-Session': 'new' },
      body: 'x'.repeat(250 * KIB),
    });
    expect([refused.statusCode, await json(refused)]).toMatchObject([413, { code: 'PAYLOAD_TOO_LARGE' }]);
    const one = await enter('long-polling');
    // it is the scene that finds so long a text too long
    await expect(one.try('x'.repeat(200 * KIB))).rejects.toMatchObject({ statusCode: 400 });
  });

  it('sends whoever comes without TLS to the same address with it', async () => {
    const plain = `http://localhost:${nginx.plainPort}/chat?x=1`;
    const { status, headers } = await fetch(plain, { redirect: 'manual' });
    expect([status, headers.get('Location')]).toEqual([308, 'https://localhost/chat?x=1']);
  });

  it('logs no secret of a session', async () => {
    (await enter('websocket')).leave();
    while (!(await nginx.log()).some(({ status }) => status === 101)) await pause(20);
    expect(await nginx.rawLog()).not.toMatch(/nestwire-session|\?/i);
  });

  it('has clients go on when a node is stopped', async () => {
    const people = await Promise.all(TRANSPORTS.map(enter));
    await nodes[0]!.stop('SIGTERM');
    for (const one of people) {
      await one.say(`${one.transport} is still here`);
      // who was let go by the node is back when it hears something
      for (const other of people.filter((person) => person !== one)) {
        while (!other.heard.includes(`${one.transport} is still here`)) {
          await other.say(`${other.transport} comes back`);
          await one.say(`${one.transport} is still here`);
          await pause(50);
        }
      }
    }
    const last = (await nginx.log()).filter(({ status }) => status < 400).at(-1);
    expect(last?.node).toBe(addressOf(nodes[1]!));
  });
});
