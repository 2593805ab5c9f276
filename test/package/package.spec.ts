import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Consumer } from './support/consumer.js';
import { entryPoints, targets, typeCheckOf } from './support/entry-points.js';
import { moduleGraph } from './support/module-graph.js';
import { type PackedProject, packProject } from './support/pack-project.js';

/** Two installations and four compilations, on a machine that may be slow. */
const SETUP_MS = 180_000;
const STEP_MS = 60_000;

const GREETING = ['{"event":"transport","data":"websocket"}', '{"event":"greet","id":1,"data":"hello, Ada"}'];

describe('what npm pack makes', () => {
  let folder: string;
  let packed: PackedProject;
  let nest12: Consumer;
  let nest11: Consumer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestwire-package-'));
    packed = await packProject(folder);
    [nest12, nest11] = await Promise.all([
      Consumer.install('nest-12-esm', folder, packed.tarball),
      Consumer.install('nest-11-cjs', folder, packed.tarball),
    ]);
    const check = typeCheckOf(entryPoints);
    await Promise.all([nest12, nest11].map((app) => app.write('src/entry-points.ts', check)));
  }, SETUP_MS);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has dist, README, LICENSE, CHANGELOG and package.json, and nothing else', () => {
    const others = packed.files.filter((path) => !/^dist\/.+(\.js|\.d\.ts)$/.test(path));
    expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  });

  it('has every file that exports and typesVersions name', () => {
    expect(packed.files).toEqual(expect.arrayContaining([...targets]));
  });

  describe('in an ESM application on Nest 12', () => {
    it(
      'compiles under nodenext, and answers on Express and on Fastify',
      async () => {
        await nest12.compile();
        const answers = [await nest12.node('dist/main.js'), await nest12.node('dist/main.js', 'fastify')];
        expect(answers.map(linesOf)).toEqual([GREETING, GREETING]);
      },
      STEP_MS,
    );

    it(
      'has types under moduleResolution bundler',
      async () => {
        await nest12.compile('--noEmit', '--module', 'esnext', '--moduleResolution', 'bundler');
      },
      STEP_MS,
    );

    it('has every entry point, without any optional peer', async () => {
      for (const entry of entryPoints) await nest12.node('--input-type=module', '-e', `import '${entry}'`);
    });

    it('keeps nestwire/protocol free of Node: a browser bundle of it has no other module', async () => {
      const modules = await moduleGraph(nest12, 'nestwire/protocol');
      const foreign = modules.filter((path) => !/\/nestwire\/dist\/(protocol|errors)\//.test(path));
      expect(foreign).toEqual([]);
      expect(modules.length).toBeGreaterThan(1);
    });
  });

  describe('in a CommonJS application on Nest 11', () => {
    it(
      'compiles under nodenext, and answers',
      async () => {
        await nest11.compile();
        expect(linesOf(await nest11.node('dist/main.js'))).toEqual(GREETING);
      },
      STEP_MS,
    );

    it(
      'has types under moduleResolution node10',
      async () => {
        await nest11.compile('-p', 'tsconfig.node10.json');
      },
      STEP_MS,
    );

    it('can require every entry point', async () => {
      for (const entry of entryPoints) await nest11.node('-e', `require('${entry}')`);
    });
  });
});

const linesOf = (output: string): string[] => output.trim().split('\n');
