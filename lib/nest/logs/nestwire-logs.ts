/** Structured lines in Nest's log, from what the library tells over `node:diagnostics_channel`. */
import { Logger, type LoggerService } from '@nestjs/common';
import type { NestwireDiagnostics } from '../../diagnostics/index.js';
import { listenTo } from '../../diagnostics/listen-to.js';

type Level = 'log' | 'warn' | 'error';

type LoggedName =
  | 'nestwire:session.opened'
  | 'nestwire:session.closed'
  | 'nestwire:limit.hit'
  | 'nestwire:client.refused'
  | 'nestwire:publication.failed'
  | 'nestwire:broker';

/** What happens to clients, and where the application should look. What happens for each message is not logged. */
const LEVELS: Record<LoggedName, Level> = {
  'nestwire:session.opened': 'log',
  'nestwire:session.closed': 'log',
  'nestwire:limit.hit': 'warn',
  'nestwire:client.refused': 'log',
  'nestwire:publication.failed': 'error',
  'nestwire:broker': 'warn',
};

/**
 * Logs sessions, refusals, limits, failed publications and the state of the broker from now on, each line an
 * object: `{ event: 'session.opened', sessionId, transport, resumable }`. With Nest's `ConsoleLogger({ json: true })`,
 * or a logger of the application's that takes objects, the fields can be searched for.
 * @returns stops it
 */
export function nestwireLogs(logger: LoggerService = new Logger('Nestwire')): () => void {
  const stops = (Object.keys(LEVELS) as LoggedName[]).map((name) =>
    listenTo(name, (payload) => {
      logger[LEVELS[name]](lineOf(name, payload));
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

function lineOf(name: LoggedName, payload: NestwireDiagnostics[LoggedName]): object {
  const event = name.slice('nestwire:'.length);
  if (!('error' in payload)) return { event, ...payload };
  const { error, ...others } = payload;
  return { event, ...others, error: error instanceof Error ? error.message : String(error) };
}
