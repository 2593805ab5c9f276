import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Consumer } from './support/consumer.js';
import { entryPoints, targets, typeCheckOf, typesUnderBundler } from './support/entry-points.js';
import { moduleGraph } from './support/module-graph.js';
import { launchChromium } from '../support/chromium.js';
import { type PackedProject, packProject } from './support/pack-project.js';
import { followQuickStart, talkOnThePage } from './support/quick-start.js';
import { README, lobbyTalk, pageConsole } from './support/readme.js';
import { run } from './support/run.js';
import { RunningApp } from './support/running-app.js';

/** For two installations, or a compilation, on a machine that is busy with other suites. */
jest.setTimeout(240_000);

const GREETING = ['{"event":"transport","data":"websocket"}', '{"event":"greet","id":1,"data":"hello, Ada"}'];

const SAID = {
  event: 'said',
  data: { text: 'hi' },
  channel: 'lobby',
  cursor: expect.stringMatching(/^1\./),
};

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
    await nest12.write('src/entry-points.ts', typeCheckOf(entryPoints.filter(isWhole)));
    await nest11.write('src/entry-points.ts', typeCheckOf(entryPoints));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has dist, README, LICENSE, CHANGELOG and package.json, and nothing else', () => {
    const others = packed.files.filter((path) => !/^dist\/.+(\.js|\.d\.ts)$/.test(path));
    expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  });

  it('has every file that exports and typesVersions name', () => {
    expect(packed.files).toEqual(expect.arrayContaining([...targets]));
  });

  describe('in an ESM application on Nest 12', () => {
    beforeAll(async () => {
      for (const [path, code] of README.files) await nest12.write(join('src', 'readme', path), code);
      // our declarations too must hold, beside nothing but the required peers
      await nest12.compile('--skipLibCheck', 'false');
    });

    it.each(['express', 'fastify'])('compiles under nodenext, and answers on %s', async (platform) => {
      expect(linesOf(await nest12.node('dist/main.js', platform))).toEqual(GREETING);
    });

    it("serves README's first gateway to the page that README shows", async () => {
      const app = await RunningApp.start(nest12.folder, 'dist/readme/main.js');
      try {
        expect(await pageConsole(app.host, README.printed.length)).toEqual(README.printed);
        expect(await lobbyTalk(app.host)).toEqual([SAID, SAID]);
      } finally {
        await app.stop();
      }
    });

    it.each(entryPoints)('finds the types of %s under moduleResolution bundler', (entry) => {
      expect(typesUnderBundler(entry, nest12.folder)).toMatch(/\/nestwire\/dist\/.+\.d\.ts$/);
    });

    it('has every entry point, without any optional peer', async () => {
      await nest12.node(
        '--input-type=module',
        '-e',
        entryPoints.map((entry) => `import '${entry}';`).join(''),
      );
    });

    it('has a nestwire/protocol for browsers: types without those of Node, and no module of it', async () => {
      expect(await nest12.compile('-p', 'browser')).toBe('');
      const modules = await moduleGraph(join(nest12.folder, 'browser', 'page.ts'));
      const foreign = modules.filter((path) => !/\/nestwire\/dist\/(protocol|errors)\//.test(path));
      expect(foreign).toEqual([]);
      expect(modules.length).toBeGreaterThan(1);
    });

    it('has a nestwire/client for browsers: of the package and rxjs, and nothing of Node', async () => {
      const modules = await moduleGraph(join(nest12.folder, 'browser', 'client.ts'));
      const known = /\/nestwire\/dist\/(protocol|errors|client(?!\/node))\/|\/node_modules\/(rxjs|tslib)\//;
      expect(modules.filter((path) => !known.test(path))).toEqual([]);
      expect(modules.some((path) => path.endsWith('/client/connect.js'))).toBe(true);
    });

    it('has a nestwire/client for Node, imported and required', async () => {
      const app = await RunningApp.start(nest12.folder, 'dist/readme/main.js');
      const url = `http://${app.host}/greetings`;
      try {
        const imported = `import { connect } from 'nestwire/client'; ${talkBy('websocket', url)}`;
        expect(await nest12.node('--input-type=module', '-e', imported)).toBe('Hello, Ada!\n');
        const required = `const { connect } = require('nestwire/client'); ${talkBy('long-polling', url)}`;
        expect(await nest11.node('-e', required)).toBe('Hello, Ada!\n');
      } finally {
        await app.stop();
      }
    });
  });

  describe('in a CommonJS application on Nest 11', () => {
    beforeAll(() => nest11.compile());

    it('compiles under nodenext, and answers', async () => {
      expect(linesOf(await nest11.node('dist/main.js'))).toEqual(GREETING);
    });

    it("serves Nest's own gateways by NestwireAdapter, errors included", async () => {
      expect(linesOf(await nest11.node('dist/stock.js'))).toEqual([
        expect.stringMatching(/^{"event":"exception","data":{"status":"error","message":"nobody"/),
        '{"event":"greeting","id":1,"data":"hello, Ada"}',
      ]);
    });

    it('has types under moduleResolution node10', async () => {
      expect(await nest11.compile('-p', 'tsconfig.node10.json')).toBe('');
    });

    it('can require every entry point', async () => {
      await nest11.node('-e', entryPoints.map((entry) => `require('${entry}');`).join(''));
    });
  });

  describe('in the application of the quick start', () => {
    let folderOfApp: string;

    beforeAll(async () => {
      folderOfApp = await followQuickStart(folder);
    });

    it('serves a page on which two people talk', async () => {
      const [app, browser] = await Promise.all([RunningApp.npmStart(folderOfApp), launchChromium()]);
      try {
        expect(await talkOnThePage(browser, `http://${app.host}`)).toEqual({
          seen: [
            ['Ada: hello', 'Bob: hi, Ada'],
            ['Ada: hello', 'Bob: hi, Ada'],
          ],
          printed: ['message 1', 'message 2'],
        });
      } finally {
        await Promise.all([app.stop(), browser.close()]);
      }
    });

    it('has types from the protocol in the page', async () => {
      await writeFile(join(folderOfApp, 'page/wrong.ts'), WRONG_PAGE);
      const how =
        '--noEmit --ignoreConfig --strict --module preserve --target es2022 --lib es2022,dom,dom.iterable';
      const args = ['tsc', ...how.split(' '), 'page/main.ts', 'page/wrong.ts'];
      const said = await run('npx', args, folderOfApp).catch(String);
      expect(said.match(/^.*error TS.+$/gm)).toEqual([
        expect.stringMatching(/^page\/wrong\.ts\(3,.+'nam' does not exist/),
      ]);
    });
  });
});

/** Its declarations name types of a peer, `@opentelemetry/api`, which who uses it has installed. */
const isWhole = (entry: string): boolean => entry !== 'nestwire/opentelemetry';

const WRONG_PAGE = `import { connect } from 'nestwire/client';
import { ChatProtocol } from '../src/chat.protocol.js';
void connect('/chat', { protocol: ChatProtocol }).request('say', { nam: 'Ada', text: 'hello' });
`;

const talkBy = (transport: string, url: string): string => `
  const client = connect('${url}', { transports: ['${transport}'] });
  client.request('greet', { name: 'Ada' }).then((greeting) => {
    console.log(greeting);
    client.close();
  });
`;

const linesOf = (output: string): string[] => output.trim().split('\n');
