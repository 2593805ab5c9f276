import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { redis } from 'nestwire/redis';
import { RedisServer } from '../../support/redis-server.js';

const PRESENCE_MS = 2_000;
const program = fileURLToPath(new URL('../../support/presence-node.mjs', import.meta.url));

describe('presence on redis(), when a process', () => {
  const closing: (() => unknown)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function say(node: ChildProcess, message: { enter: string } | { leave: string }): Promise<void> {
    const done = once(node, 'message');
    node.send(message);
    await done;
  }

  it('is frozen, goes on and is killed, tells of each of its people what is true', async () => {
    const server = await RedisServer.start();
    closing.push(() => server.stop());
    const node = fork(program, [server.url, `${PRESENCE_MS}`], { execArgv: [] });
    closing.push(() => node.kill('SIGKILL'));
    const here = redis({ url: server.url, presenceMs: PRESENCE_MS });
    closing.push(() => here.close());
    const told: string[] = [];
    const watching = here.presence!.watch(
      'c',
      ({ type, person }) => told.push(`${type} ${person.key}`),
      () => told.push('lost'),
    );
    await watching.ready;
    const tells = async (...texts: string[]): Promise<void> => {
      while (!texts.every((text) => told.includes(text))) await pause(20);
      told.length = 0;
    };
    for (const key of ['anna', 'ben', 'carl']) await say(node, { enter: key });
    await tells('joined anna', 'joined ben', 'joined carl');

    node.kill('SIGSTOP');
    await tells('left anna', 'left ben', 'left carl');
    // meanwhile ben came back here, and carl went away
    await here.presence!.enter('c', { key: 'ben', info: null }, 10);
    await tells('joined ben');
    const left = Promise.all([say(node, { leave: 'ben' }), say(node, { leave: 'carl' })]);
    node.kill('SIGCONT');
    await left;
    await tells('joined anna');

    node.kill('SIGKILL');
    while (!told.includes('left anna')) await pause(20);
    expect(told.filter((text) => text.endsWith('ben'))).toEqual([]);
    expect((await here.presence!.read('c')).people.map(({ key }) => key)).toEqual(['ben']);
  });
});
