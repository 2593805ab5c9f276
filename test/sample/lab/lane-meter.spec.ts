import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { WebSocket } from 'nestwire/websocket';
import { LabModule } from '../../../sample/lab/lab.module.js';
import { type Cost, type Figures, type Lane } from '../../../sample/lab/lab.protocol.js';
import { startApp, type TestApp } from '../../support/test-app.js';

const RUN = 'a-run-of-these-tests';
const PAGE_BYTES = 100_000;

let folder: string;
let running: TestApp;
/** One socket, kept alive, for whatever is asked. */
let agent: Agent;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'));
  await writeFile(join(folder, 'page.js'), '/'.repeat(PAGE_BYTES));
  running = await startApp({
    module: { imports: [LabModule] },
    prepare: (app) => (app as NestExpressApplication).useStaticAssets(folder),
  });
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});

afterEach(async () => {
  agent.destroy();
  await running.close();
  await rm(folder, { recursive: true });
});

async function ask(path: string): Promise<string> {
  const request = get(`http://${running.address}${path}`, { agent });
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts).toString();
}

const lanePath = (lane: Lane): string => `/lab?run=${RUN}&lane=${lane}`;

async function costOf(lane: Lane): Promise<Cost> {
  const { costs } = JSON.parse(await ask(`/lab/runs/${RUN}/figures`)) as Figures;
  return costs[lane]!;
}

describe('What a lane costs', () => {
  it('is counted without the files of the page that came over the same socket', async () => {
    expect(await ask('/page.js')).toHaveLength(PAGE_BYTES);
    await ask(lanePath('long-polling'));
    await ask('/page.js');
    await ask('/nothing');
    await ask(lanePath('long-polling'));
    const { requests, sentBytes, receivedBytes } = await costOf('long-polling');
    expect(requests).toBe(2);
    expect(sentBytes).toBeGreaterThan(2 * 'HTTP/1.1 400 Bad Request'.length);
    expect(sentBytes).toBeLessThan(2_000);
    expect(receivedBytes).toBeGreaterThan(2 * lanePath('long-polling').length);
    expect(receivedBytes).toBeLessThan(2_000);
  });

  it('grows with the frames of a WebSocket, whose handshake is its only request', async () => {
    const client = new WebSocket(`ws://${running.address}${lanePath('websocket')}`, 'lab.v1');
    await once(client, 'open');
    const before = await costOf('websocket');
    const payload = JSON.stringify({ event: 'watch', id: 1, data: { run: RUN } });
    client.send(payload);
    await once(client, 'message');
    const { requests, receivedBytes } = await costOf('websocket');
    expect(requests).toBe(1);
    expect(receivedBytes - before.receivedBytes).toBe(payload.length + 6);
    client.terminate();
  });
});
