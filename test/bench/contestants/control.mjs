/**
 * What every contestant's process has in common: its options come as one JSON argument, the port it
 * listens on leaves as one JSON line, and a line on stdin asks for a garbage collection (so that
 * memory is compared without garbage). It ends with its stdin, so that none outlives the bench.
 */
/* global Bun */
import process from 'node:process';

/** @type {{ fanOut: boolean, deflate: boolean, maxMessageBytes: number }} */
export const options = JSON.parse(process.argv[2] ?? '{}');

const collectGarbage = () => (typeof Bun === 'undefined' ? globalThis.gc?.() : Bun.gc(true));

export function announce(port) {
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  process.stdin.on('data', () => {
    collectGarbage();
    collectGarbage();
    process.stdout.write(`${JSON.stringify({ collected: true })}\n`);
  });
  process.stdin.on('end', () => process.exit());
}
