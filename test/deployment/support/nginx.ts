import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { findTool } from '../../../.ci/system-tools.mjs';
import { ROOT } from '../../docs/pages.js';
import { freePort } from '../../support/free-port.js';
import { makeCertificate } from './certificate.js';

const SHIPPED = join(ROOT, 'sample/deployment/nginx.conf');

/** Parts of a request that nginx logs. */
export interface Logged {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** `host:port` of the node that answered. */
  readonly node: string;
}

/** nginx with the configuration that is shipped, but for addresses, ports and folders, and with fewer workers. */
export class Nginx {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    readonly certificate: string,
    /** Of TLS. */
    readonly port: number,
    readonly plainPort: number,
  ) {}

  /** @param nodes `host:port` of each */
  static async start(nodes: readonly string[]): Promise<Nginx> {
    const path = findTool('nginx');
    if (!path) throw new Error('no nginx found: node .ci/ensure-tools.mjs says what to do');
    const folder = await mkdtemp(join(tmpdir(), 'nestwire-nginx-'));
    // what root starts has workers of another user, who put large requests here
    await chmod(folder, 0o755);
    const [port, plainPort] = [await freePort(), await freePort()];
    const certificate = await makeCertificate(folder);
    const configuration = join(folder, 'nginx.conf');
    const shipped = await readFile(SHIPPED, 'utf8');
    await writeFile(configuration, configurationFor(shipped, { folder, nodes, port, plainPort }));
    await mkdir(join(folder, 'temporary'));
    const args = ['-p', folder, '-e', 'stderr', '-c', configuration, '-g', 'daemon off;'];
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const nginx = new Nginx(child, folder, certificate, port, plainPort);
    await nginx.listening();
    return nginx;
  }

  get url(): string {
    return `https://localhost:${this.port}`;
  }

  /** All that was answered up to now; a connection that lasts is logged at its end. */
  async log(): Promise<Logged[]> {
    const lines = (await this.rawLog()).trim().split('\n');
    return lines.flatMap((line) => {
      const found = /"(\S+) (\S+)" (\d+) .* (\S+)$/.exec(line);
      if (!found) return [];
      const [, method, path, status, node] = found as unknown as [string, string, string, string, string];
      return [{ method, path, status: Number(status), node }];
    });
  }

  rawLog(): Promise<string> {
    return readFile(join(this.folder, 'access.log'), 'utf8');
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  private async listening(): Promise<void> {
    const problems = text(this.process.stderr!);
    const failed = once(this.process, 'exit').then(async () => {
      throw new Error(`nginx ended and said:\n${await problems}`);
    });
    failed.catch(() => undefined);
    const plain = `http://127.0.0.1:${this.plainPort}/`;
    const answers = () => fetch(plain, { redirect: 'manual' }).then(Boolean, () => false);
    while (!(await Promise.race([answers(), failed]))) await pause(20);
  }
}

interface Place {
  readonly folder: string;
  readonly nodes: readonly string[];
  readonly port: number;
  readonly plainPort: number;
}

/** @throws Error when the configuration lacks something that is to be replaced */
function configurationFor(shipped: string, { folder, nodes, port, plainPort }: Place): string {
  const replacements: [RegExp, string][] = [
    [/(?: *server node-\d:3000 (.+);\n)+/g, nodes.map((node) => `server ${node} $1;\n`).join('')],
    [/listen 80;/g, `listen 127.0.0.1:${plainPort};`],
    [/listen 443 /g, `listen 127.0.0.1:${port} `],
    [/\/etc\/nginx\/tls\//g, `${folder}/`],
    [/\/run\/nginx\.pid/g, `${folder}/nginx.pid`],
    [/\/dev\/stdout/g, `${folder}/access.log`],
    [/\/dev\/stderr warn/g, 'stderr error'],
    [/worker_processes auto/g, 'worker_processes 1'],
    // what may be raised is not the same everywhere
    [/worker_rlimit_nofile 65536;\n/g, ''],
    [/worker_connections 32768/g, 'worker_connections 256'],
    [/http \{/g, `http {\n${temporaryPaths(folder)}`],
  ];
  return replacements.reduce((text, [pattern, replacement]) => {
    const replaced = text.replace(pattern, replacement);
    if (replaced === text) throw new Error(`nginx.conf has nothing like ${pattern.source}`);
    return replaced;
  }, shipped);
}

function temporaryPaths(folder: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return kinds.map((kind) => `${kind}_temp_path ${folder}/temporary/${kind};`).join('\n');
}
