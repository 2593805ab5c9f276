import { cp, mkdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run } from './run.js';

const ROOT = dirname(dirname(dirname(import.meta.dirname)));
const MADE_BY_TOOLS = new Set(['.git', 'node_modules', 'dist', 'dist-sample', 'coverage']);

export interface PackedProject {
  readonly tarball: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

/** What `npm pack` makes, built from a copy of the project: other tests may be using `dist` meanwhile. */
export async function packProject(folder: string): Promise<PackedProject> {
  const copy = join(folder, 'project');
  await mkdir(copy);
  await cp(ROOT, copy, { recursive: true, filter: (path) => !MADE_BY_TOOLS.has(basename(path)) });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const args = ['pack', '--json', '--foreground-scripts=false', '--pack-destination', folder];
  const [packed] = JSON.parse(await run('npm', args, copy)) as [
    { filename: string; files: { path: string }[] },
  ];
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}
