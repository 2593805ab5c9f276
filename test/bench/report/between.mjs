/** Writes the measured part of a page in docs/, between its two marks. */
import { readFileSync, writeFileSync } from 'node:fs';
import prettier from 'prettier';

const END = '<!-- bench:end -->';

/** @param command what writes that part: it is in the first mark */
export async function writeBetween(name, command, content) {
  const page = new URL(`../../../docs/${name}`, import.meta.url);
  const mark = `<!-- bench:begin, written by ${command} -->`;
  const text = readFileSync(page, 'utf8');
  const begin = text.indexOf(mark);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/${name} has lost the marks of the bench`);
  const written = `${text.slice(0, begin + mark.length)}\n\n${content}\n\n${text.slice(end)}`;
  const style = await prettier.resolveConfig(page);
  writeFileSync(page, await prettier.format(written, { ...style, parser: 'markdown' }));
}
