/** The Dockerfile, as far as it can be followed without Docker: its files, its commands, and what it runs. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from '../docs/pages.js';
import { freePort } from '../support/free-port.js';

const run = promisify(execFile);

/** Some 300 MB are copied. */
jest.setTimeout(120_000);

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const instructions: Instruction[] = read('Dockerfile')
  .split('\n')
  .flatMap((line) => {
    const found = /^([A-Z]+) (.+)$/.exec(line);
    return found ? [{ name: found[1]!, rest: found[2]! }] : [];
  });

const all = (name: string): string[] =>
  instructions.filter((instruction) => instruction.name === name).map(({ rest }) => rest);

/** From where and to where, in the first stage or the last. */
const copies = (from: 'context' | 'build'): { sources: string[]; target: string }[] =>
  all('COPY')
    .filter((rest) => rest.startsWith('--from=build') === (from === 'build'))
    .map((rest) => {
      const paths = rest.replace('--from=build ', '').split(' ');
      return { sources: paths.slice(0, -1), target: paths.at(-1)! };
    });

const commandOf = (rest: string): string[] => JSON.parse(rest.slice(rest.indexOf('['))) as string[];

describe('The Dockerfile', () => {
  it('copies what there is, and what .dockerignore lets through', () => {
    const sources = copies('context').flatMap((copy) => copy.sources);
    const allowed = read('.dockerignore').match(/(?<=^!).+$/gm)!;
    expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(allowed.sort()).toEqual(sources.sort());
  });

  it('runs scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const names = [
      ...all('RUN')
        .join(' && ')
        .matchAll(/npm run ([\w:]+)/g),
    ].map(([, name]) => name!);
    expect(names).toEqual(['build', 'build:sample']);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(names));
  });

  it('leaves no root and no shell to the process', () => {
    expect(all('USER')).toEqual(['node']);
    expect(instructions.findIndex(({ name }) => name === 'USER')).toBeLessThan(
      instructions.findIndex(({ name }) => name === 'CMD'),
    );
  });

  describe('followed in a folder', () => {
    let folder: string;
    let image: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'nestwire-image-'));
      image = join(folder, 'image');
      const build = join(folder, 'build');
      await mkdir(build);
      // what `npm ci` and the two builds leave is here already: the tests begin with them
      const built = ['node_modules', 'dist', 'dist-sample'];
      const sources = copies('context').flatMap((copy) => copy.sources);
      await run('cp', ['-a', ...[...built, ...sources].map((path) => join(ROOT, path)), build]);
      await run('sh', ['-c', all('RUN').find((rest) => rest.includes('npm prune'))!], { cwd: build });
      await mkdir(image);
      for (const { sources: paths, target } of copies('build')) {
        for (const path of paths) {
          const name = path.replace('/app/', '');
          await rename(join(build, name), join(image, target === './' ? name : target));
        }
      }
    });

    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('has what the sample runs with, and no tools', () => {
      const has = (name: string): boolean => existsSync(join(image, 'node_modules', name, 'package.json'));
      expect(['express', 'ioredis', 'yjs', 'minizlib'].filter((name) => !has(name))).toEqual([]);
      expect(['typescript', 'jest', 'vite', 'eslint', '@nestjs/cli'].filter(has)).toEqual([]);
    });

    it('starts, is healthy while it runs, and ends when it is told to', async () => {
      const env = { PATH: process.env['PATH'], PORT: `${await freePort()}`, SAMPLE_DATA_DIR: folder };
      const [command, ...args] = commandOf(all('CMD').at(-1)!) as [string, ...string[]];
      const [check, ...checkArgs] = commandOf(all('HEALTHCHECK')[0]!) as [string, ...string[]];
      const isHealthy = () => run(check, checkArgs, { cwd: image, env }).then(Boolean, () => false);
      expect(await isHealthy()).toBe(false);
      const child = spawn(command, args, { cwd: image, env, stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      while (!output.includes('The sample is at')) {
        const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
        output += chunk.toString();
      }
      expect(await isHealthy()).toBe(true);
      const ready = await fetch(`http://127.0.0.1:${env.PORT}/health/ready`);
      expect([ready.status, await ready.json()]).toMatchObject([200, { nestwire: { status: 'up' } }]);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      expect(await isHealthy()).toBe(false);
    });
  });
});

interface Service {
  readonly build?: string;
  readonly depends_on?: Record<string, { condition: string }>;
  readonly environment?: Record<string, string>;
  readonly networks?: { default: { ipv4_address: string } };
  readonly stop_grace_period?: string;
  readonly volumes: string[];
}

describe('compose.yaml', () => {
  const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service> };
  const nodes = Object.keys(services).filter((name) => name.startsWith('node-'));

  it('has the nodes to which nginx.conf sends requests', () => {
    const upstreams = read('sample/deployment/nginx.conf').match(/(?<=server )node-\d(?=:3000)/g);
    expect([...new Set(upstreams)]).toEqual(nodes);
    expect(nodes).toHaveLength(3);
  });

  it('mounts files that exist, but for the certificate', () => {
    const sources = services['nginx']!.volumes.map((volume) => volume.split(':')[0]!);
    expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual(
      existsSync(join(ROOT, 'sample/deployment/tls')) ? [] : ['./sample/deployment/tls'],
    );
  });

  it('has nodes that believe nginx, keep files of their own, and have time to shut down', () => {
    const address = services['nginx']!.networks!.default.ipv4_address;
    expect(nodes.map((name) => services[name]!.environment!['TRUSTED_PROXIES'])).toEqual(
      nodes.map(() => address),
    );
    expect(new Set(nodes.flatMap((name) => services[name]!.volumes)).size).toBe(nodes.length);
    expect(nodes.map((name) => services[name]!.stop_grace_period)).toEqual(nodes.map(() => '40s'));
  });
});
