/** Who takes part: how each one's process is started, what it speaks, and what it cannot do. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const packageFile = (name) => here(`./others/node_modules/${name}/package.json`);
const node = [process.execPath, '--expose-gc'];
const libc = process.report.getReport().header.glibcVersionRuntime ? '' : '-musl';

/** The executable itself: what npm links may be a script, whose process would be the one measured. */
function executable(...candidates) {
  return candidates.map((path) => here(`./others/node_modules/${path}`)).find(existsSync);
}

const bun = executable(`@oven/bun-linux-${process.arch}${libc}/bin/bun`, 'bun/bin/bun.exe');
const deno = executable(`@deno/linux-${process.arch}-glibc/deno`, 'deno/deno');

export const contestants = [
  {
    id: 'nestwire',
    title: 'Nestwire core',
    runtime: node,
    script: './contestants/nestwire-core.mjs',
    dialect: 'websocket',
    requires: here('../../dist/transport/websocket/index.js'),
  },
  {
    id: 'gateway',
    title: 'Nestwire gateway',
    runtime: node,
    script: './contestants/nestwire-gateway.mjs',
    dialect: 'envelope',
    requires: here('../../dist/nest/nestwire.module.js'),
  },
  {
    id: 'ws',
    title: 'ws',
    runtime: node,
    script: './others/ws.mjs',
    dialect: 'websocket',
    requires: packageFile('ws'),
    package: 'ws',
  },
  {
    id: 'platform-ws',
    title: 'Nest + platform-ws',
    runtime: node,
    script: './others/platform-ws.mjs',
    dialect: 'envelope',
    requires: packageFile('@nestjs/platform-ws'),
    package: '@nestjs/platform-ws',
  },
  {
    id: 'platform-socket.io',
    title: 'Nest + platform-socket.io',
    runtime: node,
    script: './others/platform-socket-io.mjs',
    dialect: 'socket.io',
    requires: packageFile('@nestjs/platform-socket.io'),
    package: '@nestjs/platform-socket.io',
  },
  {
    id: 'net',
    title: 'node:net, no protocol',
    runtime: node,
    script: './contestants/net.mjs',
    dialect: 'raw',
    cannotDeflate: true,
  },
  {
    id: 'bun',
    title: 'Bun',
    runtime: [bun],
    script: './others/bun.mjs',
    dialect: 'websocket',
    requires: bun,
    package: 'bun',
  },
  {
    id: 'deno',
    title: 'Deno',
    runtime: [deno, 'run', '--allow-all', '--no-config', '--v8-flags=--expose-gc'],
    script: './others/deno.mjs',
    dialect: 'websocket',
    requires: deno,
    package: 'deno',
    cannotDeflate: true,
  },
];

export const findContestant = (id) => contestants.find((contestant) => contestant.id === id);

export function isInstalled(contestant) {
  return !('requires' in contestant) || existsSync(contestant.requires ?? '');
}

export function commandOf(contestant, options) {
  return [...contestant.runtime, here(contestant.script), JSON.stringify(options)];
}

export function versionOf({ package: name }) {
  return name === undefined ? '' : JSON.parse(readFileSync(packageFile(name), 'utf8')).version;
}
