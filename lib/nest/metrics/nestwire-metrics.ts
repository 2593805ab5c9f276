/** Prometheus metrics from what the library tells over `node:diagnostics_channel`. */
import type { NestwireDiagnostics } from '../../diagnostics/index.js';
import { listenTo } from '../../diagnostics/listen-to.js';

type Labels = Record<string, string | number>;

interface MetricOptions<Registry> {
  name: string;
  help: string;
  labelNames: string[];
  registers: Registry[];
}

interface Counting {
  inc(labels: Labels, value?: number): void;
}

interface Level extends Counting {
  dec(labels: Labels, value?: number): void;
  set(labels: Labels, value: number): void;
}

interface Distribution {
  observe(labels: Labels, value: number): void;
}

/** As much of `prom-client` as is used here: `import * as client from 'prom-client'`. */
export interface PrometheusClient<Registry> {
  readonly Counter: new (options: MetricOptions<Registry>) => Counting;
  readonly Gauge: new (options: MetricOptions<Registry>) => Level;
  readonly Histogram: new (options: MetricOptions<Registry>) => Distribution;
}

type Listen = <Name extends keyof NestwireDiagnostics>(
  name: Name,
  listener: (payload: NestwireDiagnostics[Name]) => void,
) => void;

/**
 * Counts what happens in this process from now on; call it once, before the application listens.
 * @param client the module `prom-client`
 * @param registry where the metrics are registered: `client.register`
 * @returns stops counting; the metrics stay registered
 */
export function nestwireMetrics<Registry>(
  client: PrometheusClient<Registry>,
  registry: Registry,
): () => void {
  const stops: (() => void)[] = [];
  const listen: Listen = (name, listener) => void stops.push(listenTo(name, listener));
  const options = (name: string, help: string, ...labelNames: string[]): MetricOptions<Registry> => ({
    name: `nestwire_${name}`,
    help,
    labelNames,
    registers: [registry],
  });
  levels(client, options, listen);
  counters(client, options, listen);
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}

type Describe<Registry> = (name: string, help: string, ...labelNames: string[]) => MetricOptions<Registry>;

function levels<Registry>(
  { Gauge, Histogram }: PrometheusClient<Registry>,
  options: Describe<Registry>,
  listen: Listen,
): void {
  const connections = new Gauge(options('connections', 'Connections that are open', 'transport'));
  listen('nestwire:connection.opened', ({ transport }) => connections.inc({ transport }));
  listen('nestwire:connection.closed', ({ transport }) => connections.dec({ transport }));
  const sessions = new Gauge(options('sessions', 'Sessions that have not ended'));
  listen('nestwire:session.opened', () => sessions.inc({}));
  listen('nestwire:session.closed', () => sessions.dec({}));
  const broker = new Gauge(options('broker_up', 'Whether a connection of the broker stands', 'role'));
  listen('nestwire:broker', ({ role, state }) => broker.set({ role }, state === 'ready' ? 1 : 0));
  const seconds = new Histogram(options('handler_seconds', 'Time that handlers took', 'handler', 'outcome'));
  listen('nestwire:message.handled', ({ handler, durationMs, failed }) =>
    seconds.observe({ handler, outcome: failed ? 'failed' : 'done' }, durationMs / 1_000),
  );
}

function counters<Registry>(
  { Counter }: PrometheusClient<Registry>,
  options: Describe<Registry>,
  listen: Listen,
): void {
  const received = new Counter(options('messages_received_total', 'Messages of clients', 'transport'));
  listen('nestwire:message.received', ({ transport }) => received.inc({ transport }));
  const sent = new Counter(options('messages_sent_total', 'Messages to clients'));
  listen('nestwire:message.sent', () => sent.inc({}));
  const published = new Counter(options('publications_total', 'Publications of this process', 'outcome'));
  listen('nestwire:publication.published', () => published.inc({ outcome: 'acknowledged' }));
  listen('nestwire:publication.failed', () => published.inc({ outcome: 'failed' }));
  const delivered = new Counter(options('deliveries_total', 'Publications times the sessions they go to'));
  listen('nestwire:publication.delivered', ({ sessions }) => delivered.inc({}, sessions));
  const dropped = new Counter(options('messages_dropped_total', 'Messages given up for slow clients'));
  listen('nestwire:message.dropped', () => dropped.inc({}));
  const limits = new Counter(options('limits_hit_total', 'Times that clients went beyond a limit', 'limit'));
  listen('nestwire:limit.hit', ({ limit }) => limits.inc({ limit }));
  const refused = new Counter(options('refusals_total', 'Clients refused', 'status', 'transport'));
  listen('nestwire:client.refused', ({ status, transport }) => refused.inc({ status, transport }));
}
