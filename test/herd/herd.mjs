/** Clients that lose their connections at random while a publisher runs, and the account of what each got. */
import { Child } from '../support/child.mjs';

const DEFAULTS = {
  /** Shared by the clients. */
  transports: ['websocket', 'event-stream', 'long-polling', 'short-polling'],
  clients: 1_000,
  seconds: 20,
  /** Publications a second. */
  rate: 5,
  /** How long a connection lasts, on average. */
  cutMs: 4_000,
  /** How long a client stays away, at most. */
  awayMs: 500,
  /** Between two short polls. */
  pollMs: 1_000,
  /** Publications that are kept. */
  history: 10_000,
  /** Time to connect, and time to catch up at the end. */
  waitMs: 120_000,
  seed: 1,
};

/** Everybody comes from one address, at once. */
const LIMITS = { awaitedSessions: 10_000, awaitedSessionsPerAddress: 10_000 };

/**
 * @param given what is to be otherwise than the defaults
 * @returns how much was published, and the account of the clients of each transport
 */
export async function runHerd(given) {
  const options = { ...DEFAULTS, ...given };
  const server = new Child('./publishing-app.mjs', { history: options.history, limits: LIMITS });
  let herd;
  try {
    const { port } = await server.answer();
    herd = new Child('../herd/clients.mjs', { ...options, url: `http://127.0.0.1:${port}/news` });
    await herd.answer();
    const count = Math.ceil(options.seconds * options.rate);
    server.tell({ publish: { count, intervalMs: 1_000 / options.rate } });
    const { published } = await server.answer();
    herd.tell({ last: published });
    return { published, accounts: await herd.answer() };
  } finally {
    server.stop();
    herd?.stop();
  }
}
