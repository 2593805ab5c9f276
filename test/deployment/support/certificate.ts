import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTool } from '../../../.ci/system-tools.mjs';
import { readPage } from '../../docs/pages.js';

/** The command of docs/deployment.md, which makes two files in the folder. @returns the certificate */
export async function makeCertificate(folder: string): Promise<string> {
  const openssl = findTool('openssl');
  if (!openssl) throw new Error('no openssl found: node .ci/ensure-tools.mjs says what to do');
  const [, ...args] = commandIn('docs/deployment.md')
    .replaceAll('sample/deployment/tls/', '')
    .split(/[\s\\]+/);
  await promisify(execFile)(openssl, args, { cwd: folder });
  return readFile(join(folder, 'certificate.pem'), 'utf8');
}

function commandIn(page: string): string {
  const commands = readPage(page).snippets.find(({ code }) => code.includes('openssl req'))!.code;
  return commands.slice(commands.indexOf('openssl req')).trim();
}
