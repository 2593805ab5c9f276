import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Page, ROOT, readPage, readPages } from './pages.js';
import { typeCheck } from './type-check.js';

/** The compiler reads Nest and RxJS too. */
const TYPE_CHECK_MS = 120_000;

describe('README and docs', () => {
  const pages = readPages();

  it(
    'have TypeScript that compiles against the library',
    () => {
      expect(typeCheck(pages)).toEqual([]);
    },
    TYPE_CHECK_MS,
  );

  it(
    'would not get by with TypeScript that does not compile',
    () => {
      const code = "import { NoSuchThing } from 'nestwire';\nexport const n: number = 'one';\n";
      const snippet = { page: 'docs/x.md', line: 7, language: 'ts', file: undefined, code };
      expect(typeCheck([{ path: 'docs/x.md', text: '', snippets: [snippet] }])).toEqual([
        expect.stringMatching(/^docs\/x\.md:7 .*NoSuchThing/),
        expect.stringMatching(/^docs\/x\.md:8 .*not assignable/),
      ]);
    },
    TYPE_CHECK_MS,
  );

  it('name each file of an example once a page', () => {
    const names = pages.flatMap(({ snippets }) =>
      snippets.filter(({ file }) => file).map(({ page, file }) => `${page} ${file!}`),
    );
    expect(names).toEqual([...new Set(names)]);
  });

  it.each(pages.map((page) => [page.path, page] as const))(
    '%s has only links that lead somewhere',
    (_, page) => {
      expect(linksOf(page).filter((link) => !leadsSomewhere(page, link))).toEqual([]);
    },
  );

  it.each(pages.map((page) => [page.path, page] as const))('%s names only files that exist', (_, page) => {
    expect(pathsIn(page).filter((path) => !exists(path))).toEqual([]);
  });
});

/** Links within the project. */
function linksOf({ text }: Page): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^\w+:/.test(link));
}

function leadsSomewhere(page: Page, link: string): boolean {
  const [path, anchor] = link.split('#') as [string, string?];
  const target = path === '' ? page.path : join(dirname(page.path), path);
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(readPage(target)).includes(anchor);
}

/** What is named in code style and looks like a path: `lib/nest`, or below lib `session/outbound`. */
function pathsIn({ text }: Page): string[] {
  const folders = ['lib', 'test', 'sample', ...readdirSync(join(ROOT, 'lib'))];
  return [...text.matchAll(/`([\w.-]+\/[\w./-]+)`/g)]
    .map(([, path]) => path!)
    .filter((path) => folders.includes(path.split('/', 1)[0]!));
}

function exists(path: string): boolean {
  return [path, `lib/${path}`, `lib/${path}.ts`].some((candidate) => existsSync(join(ROOT, candidate)));
}

/** As GitHub makes them from headings. */
function anchorsOf({ text }: Page): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
