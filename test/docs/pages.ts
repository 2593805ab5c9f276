import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const ROOT = dirname(dirname(import.meta.dirname));

/** A fenced block of a page. */
export interface Snippet {
  /** Path from the root of the project. */
  readonly page: string;
  /** Of the first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  /** What the first line names: `// src/main.ts`. */
  readonly file: string | undefined;
  readonly code: string;
}

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly snippets: readonly Snippet[];
}

export function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, snippets: snippetsOf(path, text) };
}

/** README.md and all of docs/. */
export function readPages(): Page[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith('.md'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
  return ['README.md', ...docs].map(readPage);
}

function snippetsOf(page: string, text: string): Snippet[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language, code] = match as unknown as [string, string, string];
    const line = text.slice(0, match.index).split('\n').length + 1;
    return { page, line, language, file: /^\/\/ (\S+\.ts)\n/.exec(code)?.[1], code };
  });
}
