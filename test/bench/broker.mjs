/**
 * `npm run bench:broker`: what publications cost through Redis, on one machine, and the table of docs/scaling.md.
 *
 *   --seconds <n>  how long each part is timed (3)
 *   --rate <n>     publications a second while delivery is timed (500)
 *   --dry          write nothing to docs/
 *
 * Each node is a process that is subscribed to one channel with history. The first publishes: as many as it can
 * with 64 under way, then at the rate. Every node must have got every offset; otherwise nothing is reported.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { findTool } from '../../.ci/system-tools.mjs';
import { redisPort } from './broker/redis-port.mjs';
import { table } from './broker/table.mjs';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '500' },
    dry: { type: 'boolean', default: false },
  },
});
const work = { seconds: Number(flags.seconds), rate: Number(flags.rate) };
const nodeProgram = fileURLToPath(new URL('./broker/node.mjs', import.meta.url));
const page = fileURLToPath(new URL('../../docs/scaling.md', import.meta.url));

async function say(node, message) {
  const answered = once(node, 'message');
  node.send(message);
  const [answer] = await answered;
  return answer;
}

/** @returns what every node measured, the publisher first */
async function runTogether(count, url) {
  const nodes = Array.from({ length: count }, () => fork(nodeProgram));
  try {
    await Promise.all(nodes.map((node) => say(node, { do: 'subscribe', url })));
    const [publisher] = nodes;
    const published = await say(publisher, { do: 'publish', ...work });
    return {
      published,
      heard: await Promise.all(nodes.map((node) => say(node, { do: 'report', ...published }))),
    };
  } finally {
    for (const node of nodes) node.kill();
  }
}

function checkComplete({ published, heard }, count) {
  for (const [i, { missing }] of heard.entries()) {
    if (missing === 0) continue;
    throw new Error(`node ${i + 1} of ${count} lacks ${missing} of ${published.total} publications`);
  }
}

const port = await redisPort();
const server = spawn(findTool('redis-server'), ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], {
  stdio: 'ignore',
});
try {
  const results = [];
  for (const [nodes, url] of [
    [1, undefined],
    [1, `redis://127.0.0.1:${port}`],
    [2, `redis://127.0.0.1:${port}`],
    [4, `redis://127.0.0.1:${port}`],
  ]) {
    const result = await runTogether(nodes, url);
    checkComplete(result, nodes);
    results.push({ nodes, broker: url ? 'Redis' : 'memory', ...result });
  }
  const text = table(results, work);
  console.log(text);
  if (!flags.dry) {
    const marked = /(<!-- bench:broker -->)[^]*?(<!-- \/bench:broker -->)/;
    const written = readFileSync(page, 'utf8').replace(
      marked,
      (_, from, to) => `${from}\n\n${text}\n\n${to}`,
    );
    writeFileSync(page, await format(written, { ...(await resolveConfig(page)), filepath: page }));
  }
} finally {
  server.kill();
}
