import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** Jest runs from the root of the project. */
const ROOT = process.cwd();
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const RULES = join(ROOT, '.dependency-cruiser.cjs');

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

interface Cruised {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly Violation[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

/** Cruises `lib` below a folder by the rules of this project. It exits with the number of violations. */
const cruise = (folder: string): Promise<Cruised> =>
  new Promise((resolve, reject) => {
    const args = [CRUISER, '--config', RULES, '--output-type', 'json', 'lib'];
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (_exit, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr));
      else resolve(JSON.parse(stdout) as Cruised);
    });
  });

const linesOf = ({ summary }: Cruised): string[] =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).sort();

describe('the layers of lib', () => {
  let project: Cruised;

  beforeAll(async () => {
    project = await cruise(ROOT);
  });

  it('import downward only, without cycles, and what each may know', () => {
    expect(linesOf(project)).toEqual([]);
  });

  it('were all looked at', async () => {
    const files = await readdir(join(ROOT, 'lib'), { recursive: true });
    const sources = files.filter((file) => file.endsWith('.ts')).map((file) => `lib/${file}`);
    const seen = new Set(project.modules.map(({ source }) => source));
    expect(sources.filter((source) => !seen.has(source))).toEqual([]);
  });

  it('have a rule each', async () => {
    const folders = await readdir(join(ROOT, 'lib'), { withFileTypes: true });
    const layers = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const rules = project.summary.ruleSetUsed.forbidden.map(({ name }) => name);
    expect(rules).toEqual(expect.arrayContaining(layers.map((layer) => `${layer}-imports-downward-only`)));
  });
});

/** Files that each break one rule, and the violation that must be reported. */
const WRONG: Readonly<Record<string, readonly [source: string, violation: string]>> = {
  'lib/errors/up.ts': [
    "import '../protocol/fine.js';",
    'errors-imports-downward-only -> lib/protocol/fine.ts',
  ],
  'lib/protocol/up.ts': [
    "import '../session/fine.js';",
    'protocol-imports-downward-only -> lib/session/fine.ts',
  ],
  'lib/session/up.ts': [
    "import '../transport/fine.js';",
    'session-imports-downward-only -> lib/transport/fine.ts',
  ],
  'lib/channel/up.ts': ["import '../broker/fine.js';", 'channel-imports-downward-only -> lib/broker/fine.ts'],
  'lib/broker/aside.ts': [
    "import '../session/fine.js';",
    'broker-imports-downward-only -> lib/session/fine.ts',
  ],
  'lib/transport/aside.ts': [
    "import '../channel/fine.js';",
    'transport-imports-downward-only -> lib/channel/fine.ts',
  ],
  'lib/testing/aside.ts': ["import '../nest/fine.js';", 'testing-imports-downward-only -> lib/nest/fine.ts'],
  'lib/nest/up.ts': ["import '../index.js';", 'nest-imports-downward-only -> lib/index.ts'],
  'lib/session/type-only.ts': [
    "import type { fine } from '../nest/fine.js'; export type Fine = typeof fine;",
    'session-imports-downward-only -> lib/nest/fine.ts',
  ],
  'lib/session/lazy.ts': [
    "export const lazy = () => import('../nest/fine.js');",
    'session-imports-downward-only -> lib/nest/fine.ts',
  ],
  'lib/protocol/io.ts': ["import 'node:net';", 'protocol-is-sans-io -> net'],
  'lib/protocol/buffer.ts': ["import 'node:buffer';", 'protocol-is-sans-io -> buffer'],
  'lib/protocol/package.ts': ["import 'rxjs';", 'protocol-is-sans-io -> node_modules/rxjs/index.js'],
  'lib/protocol/websocket/timer.ts': [
    "import 'node:timers';",
    'websocket-protocol-uses-buffer-only -> timers',
  ],
  'lib/protocol/websocket/random.ts': [
    "import 'node:crypto';",
    'websocket-protocol-uses-buffer-only -> crypto',
  ],
  'lib/protocol/websocket/zlib.ts': ["import 'zlib';", 'websocket-protocol-uses-buffer-only -> zlib'],
  'lib/transport/nest.ts': [
    "import '@nestjs/common';",
    'only-nest-knows-nest -> node_modules/@nestjs/common/index.js',
  ],
  'lib/session/cycle-a.ts': ["import './cycle-b.js';", 'no-cycles -> lib/session/cycle-b.ts'],
};

/** Files of which nothing is reported, though they come close. */
const RIGHT: Readonly<Record<string, string>> = {
  // The other half of a cycle, which is reported once
  'lib/session/cycle-b.ts': "import './cycle-a.js';",
  'lib/index.ts': "import './nest/fine.js'; import '@nestjs/common';",
  'lib/nest/down.ts':
    "import '../errors/fine.js'; import '../broker/fine.js'; import '@nestjs/common'; import 'rxjs';",
  'lib/transport/down.ts': "import '../session/fine.js'; import 'node:net'; import 'rxjs';",
  'lib/protocol/websocket/down.ts': "import 'node:buffer'; import '../../errors/fine.js';",
};

const LAYERS = ['errors', 'protocol', 'session', 'channel', 'broker', 'transport', 'testing', 'nest'];
const AROUND: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ type: 'module', dependencies: { rxjs: '*', '@nestjs/common': '*' } }),
  'tsconfig.json': JSON.stringify({ compilerOptions: { module: 'nodenext', target: 'es2022' } }),
  'node_modules/rxjs/package.json': JSON.stringify({ name: 'rxjs', exports: './index.js' }),
  'node_modules/rxjs/index.js': '',
  'node_modules/@nestjs/common/package.json': JSON.stringify({
    name: '@nestjs/common',
    exports: './index.js',
  }),
  'node_modules/@nestjs/common/index.js': '',
  ...Object.fromEntries(LAYERS.map((layer) => [`lib/${layer}/fine.ts`, 'export const fine = 1;'])),
};

describe('the rules', () => {
  let folder: string;
  let violations: readonly Violation[];

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, source] of Object.entries(files)) {
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${source}\n`);
    }
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestwire-layers-'));
    await write({ ...AROUND, ...RIGHT });
    await write(Object.fromEntries(Object.entries(WRONG).map(([name, [source]]) => [name, source])));
    ({ violations } = (await cruise(folder)).summary);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(Object.entries(WRONG).map(([name, [, violation]]) => [name, violation]))(
    'report %s',
    (name, violation) => {
      const reported = violations.filter(({ from }) => from === name);
      expect(reported.map(({ rule, to }) => `${rule.name} -> ${to}`)).toEqual([violation]);
    },
  );

  it('report nothing else', () => {
    const wrong = new Set(Object.keys(WRONG));
    expect(violations.filter(({ from }) => !wrong.has(from))).toEqual([]);
  });
});
