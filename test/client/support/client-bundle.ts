import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface ClientBundle {
  readonly code: string;
  readonly imports: readonly string[];
  readonly moduleIds: readonly string[];
}

const BUNDLE = fileURLToPath(new URL('./bundle.mjs', import.meta.url));

/** @param form a module without rxjs; or a script for a page, with all that it needs, under `nestwire` */
export async function bundleClient(form: 'module' | 'script'): Promise<ClientBundle> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [BUNDLE, form], { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout) as ClientBundle;
}
