/** Which of its forms a client wants of a stream (RFC 9110 §12.5.1), and how long it will wait (RFC 7240). */

/** A stream as it goes on, or what there is of it now. */
export type StreamForm = 'event-stream' | 'json';

const MEDIA_TYPES: Readonly<Record<StreamForm, readonly [type: string, subtype: string]>> = {
  'event-stream': ['text', 'event-stream'],
  json: ['application', 'json'],
};

/** What is wanted most; an event stream when it is all the same. Undefined: neither. */
export function chooseForm(accept: string | undefined): StreamForm | undefined {
  if (accept === undefined || accept.trim() === '') return 'event-stream';
  const ranges = accept.split(',').map(readRange);
  const [stream, json] = [quality(ranges, 'event-stream'), quality(ranges, 'json')];
  if (stream === 0 && json === 0) return undefined;
  return json > stream ? 'json' : 'event-stream';
}

interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
}

function readRange(text: string): MediaRange {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const [type = '', subtype = ''] = range.split('/');
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return { type, subtype, quality: weight === undefined ? 1 : readQuality(weight.slice(2)) };
}

// RFC 9110 §12.4.2
const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

const readQuality = (text: string): number => (QUALITY.test(text) ? Number(text) : 0);

/** That of the range which names the type most precisely. */
function quality(ranges: readonly MediaRange[], form: StreamForm): number {
  const [type, subtype] = MEDIA_TYPES[form];
  const named = ranges.find((range) => range.type === type && range.subtype === subtype);
  const ofType = ranges.find((range) => range.type === type && range.subtype === '*');
  const ofAll = ranges.find((range) => range.type === '*' && range.subtype === '*');
  return (named ?? ofType ?? ofAll)?.quality ?? 0;
}

const WAIT = /^wait\s*=\s*"?(\d{1,9})"?\s*(?:;|$)/i;

/**
 * The seconds of `Prefer: wait=N`, in ms; undefined when the client does not want to wait.
 * RFC 7240 §2: the first one counts, and what is not understood is skipped.
 */
export function readWaitMs(prefer: string | undefined): number | undefined {
  for (const preference of (prefer ?? '').split(',')) {
    const [, seconds] = WAIT.exec(preference.trim()) ?? [];
    if (seconds !== undefined) return Number(seconds) * 1000;
  }
  return undefined;
}
