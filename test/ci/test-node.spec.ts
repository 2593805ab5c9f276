import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { needs } from '../../.ci/bare-copy.mjs';
import { newest } from '../../.ci/interpreters.mjs';

describe('the newest version', () => {
  it.each([
    ['22.9.0', '22.9.0'],
    [['22.9.0', '22.23.3', '22.10.1'], '22.23.3'],
    [['22.10.9', '22.10.10'], '22.10.10'],
  ])('of %j is %s', (versions, expected) => {
    expect(newest(versions)).toBe(expected);
  });
});

describe('a spec', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nestwire-specs-'));
    write('plain.ts', "import { x } from './plain.js';\nimport { y } from 'kept';");
    write('helper.ts', "import {\n  a,\n  type B,\n} from '@scope/gone';");
    write('by-helper.ts', "import { it } from 'kept';\nimport { a } from './helper.js';");
    write('deep.ts', "const a = await import('gone/deep.js');");
    write('named-alike.ts', "import { a } from 'gone-not';");
    write('types.ts', "import type { A } from 'gone';");
    write('required.ts', "createRequire(import.meta.url)('gone');");
    write('runs.ts', "const CHILD = new URL('./child.mjs', import.meta.url);");
    write('child.mjs', "import {\n  a,\n} from 'gone';");
    write('entry.ts', "import { a } from 'own/entry';");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

  it.each([
    ['plain.ts', false],
    ['named-alike.ts', false],
    ['missing.ts', false],
    ['types.ts', false],
    ['helper.ts', true],
    ['by-helper.ts', true],
    ['deep.ts', true],
    ['required.ts', true],
    ['runs.ts', true],
    ['entry.ts', true],
  ])('in %s needs an absent package: %s', (name, expected) => {
    const names = { 'own/entry': join(folder, 'deep.ts') };
    expect(needs(join(folder, name), ['gone', '@scope/gone'], names)).toBe(expected);
  });
});
