import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A path, or one for each condition. */
type Target = string | { readonly [condition: string]: Target };

interface Manifest {
  readonly name: string;
  readonly exports: Record<string, Target>;
  readonly typesVersions: Record<string, Record<string, string[]>>;
}

const manifest = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as Manifest;

/** What an application may import: the keys of `exports` that are code. */
export const entryPoints: readonly string[] = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([path]) => path.replace(/^\./, manifest.name));

/** Every file that `exports` and `typesVersions` lead to. */
export const targets: readonly string[] = [
  ...Object.values(manifest.exports).flatMap(pathsOf),
  ...Object.values(manifest.typesVersions).flatMap((paths) => Object.values(paths).flat()),
].map((target) => target.replace(/^\.\//, ''));

function pathsOf(target: Target): string[] {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(pathsOf);
}

/** A module that compiles only when the types of all entry points are found, and are not `any`. */
export function typeCheckOf(entries: readonly string[]): string {
  const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}';`);
  const checks = entries.map((_, i) => `false satisfies IsAny<typeof entry${i}>;`);
  return [...imports, 'type IsAny<T> = 0 extends 1 & T ? true : false;', ...checks].join('\n');
}

/**
 * Where bundlers find the types of an entry point. The declarations are the same files under every way of
 * resolving modules, so that finding them is all there is to check beyond one compilation.
 */
export function typesUnderBundler(entry: string, folder: string): string | undefined {
  const options = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
  const found = ts.resolveModuleName(entry, join(folder, 'src', 'main.ts'), options, ts.sys);
  return found.resolvedModule?.resolvedFileName;
}
