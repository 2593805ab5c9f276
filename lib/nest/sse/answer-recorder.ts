/**
 * What an exception filter would have answered, when the headers are out already.
 *
 * Theory of operation. Filters write to the platform's response. Once an event stream has begun, that is too
 * late; so for the time of one error the methods they use are covered by ours, which only take notes.
 */

export interface RecordedAnswer {
  readonly status: number | undefined;
  readonly body: unknown;
}

/** A filter that has not answered after so long will not. */
const PATIENCE_MS = 5_000;

const STATUS = ['status', 'code'];
const BODY = ['json', 'jsonp', 'send', 'end', 'sendStatus'];
const HEADERS = ['set', 'header', 'headers', 'setHeader', 'removeHeader', 'append', 'appendHeader', 'type'];
const NO_HEADERS = { get: () => undefined, getHeader: () => undefined, hasHeader: () => false };
const UNSENT = { headersSent: false, sent: false, writableEnded: false, ...NO_HEADERS };

const recording = new WeakSet();

export const isRecording = (response: object): boolean => recording.has(response);

/**
 * Covers `response` until something has been answered.
 * @param done gets it, once; undefined when nothing came in time
 */
export function recordAnswer(response: object, done: (answer: RecordedAnswer | undefined) => void): void {
  let status: number | undefined;
  let isDone = false;
  const finish = (answer: RecordedAnswer | undefined): void => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    uncover();
    recording.delete(response);
    done(answer);
  };
  const take = (body: unknown): unknown => {
    finish({ status, body });
    return response;
  };
  const note = (value: unknown): unknown => {
    if (typeof value === 'number') status = value;
    return response;
  };
  const notes = { ...UNSENT, ...fill(BODY, take), ...fill(HEADERS, () => response) };
  const { raw } = response as { raw?: object };
  const uncover = cover(response, {
    ...notes,
    ...fill(STATUS, note),
    // for Fastify's own methods, and filters that write to Node's response
    ...(raw && { raw: covered(raw, notes) }),
  });
  recording.add(response);
  const timer = setTimeout(() => finish(undefined), PATIENCE_MS).unref();
}

const fill = (names: readonly string[], method: (value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, method]));

/** The same as `target`, but for these properties. */
function covered(target: object, properties: Record<string, unknown>): object {
  const stand = Object.create(target) as object;
  cover(stand, properties);
  return stand;
}

/** Puts own properties over those of `target`; the returned function takes them away. */
function cover(target: object, properties: Record<string, unknown>): () => void {
  const before = Object.keys(properties).map(
    (name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const,
  );
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(target, name, descriptor);
      else Reflect.deleteProperty(target, name);
    }
  };
}
