import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CloseCode } from 'nestwire/websocket';
import { SessionCloseCode } from '../../lib/session/index.js';
import { ROOT, readPage } from './pages.js';

const page = readPage('docs/errors.md').text;

/** First and second cells of all rows that begin with a code. */
const documented = new Map(
  [...page.matchAll(/^\| `([A-Z0-9_]+)`\s*\| ([^|]*)/gm)].map(([, code, second]) => [code!, second!.trim()]),
);

const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(ROOT, 'lib', file), 'utf8'));

/** Written like a code, and none of ours: an error of Node's, and how those of the core begin. */
const NO_CODES = ['ERR_BUFFER_TOO_LARGE', 'WS_ERR'];

/** In capitals with an underscore, as nothing else is; but for injection tokens. */
function codesIn(source: string): string[] {
  const found = source.matchAll(/(Symbol\()?'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g);
  return [...found].filter(([, symbol]) => symbol === undefined).map(([, , code]) => code!);
}

/** Codes that are written beside their status. */
function statusesIn(source: string): [code: string, status: string][] {
  const exceptions = [...source.matchAll(/exception\((\d{3}), '(\w+)'/g)];
  const errors = [...source.matchAll(/code = '(\w+)';\s+readonly statusCode = (\d{3});/g)];
  return [
    ...exceptions.map(([, status, code]): [string, string] => [code!, status!]),
    ...errors.map(([, code, status]): [string, string] => [code!, status!]),
  ];
}

describe('the codes that docs/errors.md lists', () => {
  it('are those of the library, all of them', () => {
    const codes = new Set(sources.flatMap(codesIn).filter((code) => !NO_CODES.includes(code)));
    expect([...documented.keys()].sort()).toEqual([...codes].sort());
  });

  it('have the status that they are sent with', () => {
    const statuses = sources.flatMap(statusesIn);
    expect(statuses.length).toBeGreaterThan(8);
    for (const [code, status] of statuses) expect([code, documented.get(code)]).toEqual([code, status]);
  });

  it('have all close codes', () => {
    const section = page.slice(page.indexOf('## Close codes'));
    const rows = [...section.matchAll(/^\| ([\d, ]+)/gm)].flatMap(([, codes]) =>
      codes!.split(',').map(Number),
    );
    expect(rows).toEqual(
      expect.arrayContaining([...Object.values(CloseCode), ...Object.values(SessionCloseCode)]),
    );
  });
});
