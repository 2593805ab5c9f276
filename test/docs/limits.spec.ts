import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from 'nestwire';
import { resolveSettings } from '../../lib/nest/sse/sse-options.js';
import { connectionOptions } from '../../lib/transport/websocket/options.js';
import { readPage } from './pages.js';

const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 * 1024 };

/** The rows of a page's "Limits" section whose default is a number: name and default, in bytes or as it stands. */
function limitsIn(path: string): Record<string, number> {
  const section = /^## Limits\n([\s\S]*?)^## /m.exec(readPage(path).text)![1]!;
  const rows = section.matchAll(/^\| `(\w+)`\s*\| ([\d,]+)(?: (KiB|MiB))?/gm);
  return Object.fromEntries(
    [...rows].map(([, name, digits, unit]): [string, number] => [
      name!,
      Number(digits!.replaceAll(',', '')) * (UNITS[unit ?? ''] ?? 1),
    ]),
  );
}

/** What is off by default has no number. */
const finite = (limits: object): object =>
  Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== Infinity));

describe('the limits that the docs name', () => {
  it('are all those of gateways, with their defaults', () => {
    expect(limitsIn('docs/gateways.md')).toEqual(finite(DEFAULT_LIMITS));
  });

  it('are all those of gateways that are off by default, too', () => {
    const off = Object.keys(DEFAULT_LIMITS).filter((name) => !(name in finite(DEFAULT_LIMITS)));
    const { text } = readPage('docs/gateways.md');
    for (const name of off) expect(text).toMatch(new RegExp(`^\\| \`${name}\` +\\| none`, 'm'));
  });

  it('are all those of WebSockets, with their defaults', () => {
    const limits = { ...connectionOptions({ heartbeat: false }), heartbeat: undefined };
    expect(limitsIn('docs/websocket.md')).toEqual({
      ...finite(limits),
      handshakeTimeoutMs: 10_000,
      maxPendingHandshakes: 1_024,
    });
  });

  it('are all those of event streams, with their defaults', () => {
    const limits = Object.entries(resolveSettings()).filter(([, value]) => Number.isFinite(value));
    expect(limitsIn('docs/event-streams.md')).toEqual(Object.fromEntries(limits));
  });
});
