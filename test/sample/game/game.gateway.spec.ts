import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { NestwireModule } from 'nestwire';
import { connectInProcess, type TestClient } from 'nestwire/testing';
import { GameModule } from '../../../sample/game/game.module.js';
import { GameProtocol, type Snapshot } from '../../../sample/game/game.protocol.js';

type Page = TestClient<typeof GameProtocol>;

let app: INestApplication;

beforeEach(async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  const testing = await Test.createTestingModule({
    imports: [NestwireModule.forRoot(), GameModule],
  }).compile();
  app = await testing.createNestApplication().init();
});

afterEach(async () => {
  jest.useRealTimers();
  await app.close();
});

const open = (): Promise<Page> => connectInProcess(app, '/game', { protocol: GameProtocol });

async function snapshot(page: Page): Promise<Snapshot> {
  return (await page.next('snapshot')).data;
}

describe('The gateway of the game', () => {
  it('gives a page that reads slowly the latest state, and not all that it missed', async () => {
    const [quick, slow] = [await open(), await open()];
    await quick.request('bots', { on: true });
    await jest.advanceTimersByTimeAsync(40);
    slow.pause();
    const ticks: number[] = [];
    for (let second = 0; second < 10; second++) {
      await jest.advanceTimersByTimeAsync(1_000);
      for (let i = 0; i < 30; i++) ticks.push((await snapshot(quick)).tick);
    }
    slow.resume();
    const seen: number[] = [];
    while ((seen.at(-1) ?? 0) < ticks.at(-1)!) seen.push((await snapshot(slow)).tick);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.length).toBeLessThan(ticks.length / 2);
  });

  it('sends nothing to a page that nobody sees, and stands still when that is all of them', async () => {
    const page = await open();
    await jest.advanceTimersByTimeAsync(100);
    await page.request('look', { on: false });
    await jest.advanceTimersByTimeAsync(10_000);
    await page.request('look', { on: true });
    await jest.advanceTimersByTimeAsync(40);
    const ticks: number[] = [];
    for (let i = 0; i < 3; i++) ticks.push((await snapshot(page)).tick);
    expect(ticks).toEqual([1, 2, 3]);
    await jest.advanceTimersByTimeAsync(40);
    expect((await snapshot(page)).tick).toBeLessThan(8);
  });

  it('lets a page have one ship, tells all of it, and takes it off with its page', async () => {
    const [anna, ben] = [await open(), await open()];
    const rosters = async () => (await ben.next('roster')).data.pilots;
    expect(await rosters()).toEqual([]);
    const { ship } = await anna.request('play', { name: ' Anna ' });
    expect(await anna.request('play', { name: 'Anna again' })).toEqual({ ship });
    expect(await rosters()).toEqual([{ ship, name: 'Anna' }]);
    await anna.close();
    expect(await rosters()).toEqual([]);
  });

  it('refuses inputs that make no sense and names that are none, and goes on', async () => {
    const page = await open();
    for (const name of ['', ' ', 'x'.repeat(17), 'turn\u202e']) {
      await expect(page.request('play', { name })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
    page.send('input', { seq: 1, heading: 64 });
    expect((await page.next('exception')).data).toMatchObject({ code: 'VALIDATION_FAILED' });
    await page.request('play', { name: 'Anna' });
  });

  it('says what a client costs', async () => {
    const page = await open();
    await page.request('bots', { on: true });
    await jest.advanceTimersByTimeAsync(2_100);
    await page.next('load');
    const { data } = await page.next('load');
    expect(data).toMatchObject({ clients: 1, ships: 50 });
    expect(data.bytesPerClient).toBeGreaterThan(30 * 1_000);
  });
});
