import { type Browser, chromium } from 'playwright-core';
import { findTool } from '../../.ci/system-tools.mjs';

const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The system's own Chromium, headless and with a fresh profile that goes with it. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findTool('chromium');
  if (!executablePath) throw new Error('no Chromium found: node .ci/ensure-tools.mjs says what to do');
  return chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: QUIET });
}
