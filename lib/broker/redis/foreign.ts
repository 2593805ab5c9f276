/**
 * Reads what comes from Redis. Others may write there: nothing is taken for granted, and what is malformed
 * is as good as lost.
 */
import {
  type BrokerPublication,
  type Position,
  type PresenceChange,
  type PresenceState,
  type PresentPerson,
  type Replay,
  isJson,
  parseCursor,
} from '../../channel/index.js';
import { unavailable } from './errors.js';

const MAX_KEY_BYTES = 255;

type Kept = BrokerPublication & { readonly position: Position };

/** `<epoch>.<offset>:<body>`, or `:<body>` of a publication without history. */
export function readMessage(text: string): BrokerPublication | undefined {
  const colon = text.indexOf(':');
  const body = text.slice(colon + 1);
  if (colon < 0 || !isJson(body)) return undefined;
  if (colon === 0) return { body, position: undefined };
  const position = parseCursor(`1.${text.slice(0, colon)}`);
  return position && position.offset > 0 ? { body, position } : undefined;
}

/** Throws for what is no position. */
export function readPosition(epoch: unknown, offset: unknown): Position {
  const position = parseCursor(`1.${String(epoch)}.${String(offset)}`);
  if (!position) throw new TypeError('not a position');
  return position;
}

/** The answer of the script. Throws for what can't be one; an entry that is malformed makes a gap. */
export function readReplay(answer: unknown): Replay {
  const [epoch, top, isRecovered, before, entries] = answer as unknown[];
  const position = readPosition(epoch, top);
  const first = readPosition(epoch, before).offset + 1;
  const publications = (entries as unknown[]).map((entry, i) =>
    readEntry(entry, { epoch: position.epoch, offset: first + i }),
  );
  const recovered = isRecovered === 1 && publications.every((entry) => entry !== undefined);
  return { recovered, publications: recovered ? publications : [], position };
}

/** `<ms>:<body>`, or `<ms>,<id>:<body>` */
function readEntry(entry: unknown, position: Position): Kept | undefined {
  const body = String(entry).replace(/^\d+(,[\w-]*)?:/, '');
  return isJson(body) ? { body, position } : undefined;
}

/** `["joined", <key>, <info>]` or `["left", …]`, as a message of the topic of a channel's presence. */
export function readChange({ body, position }: BrokerPublication): PresenceChange | undefined {
  const parsed: unknown = JSON.parse(body);
  const [type, key, info] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
  if ((type !== 'joined' && type !== 'left') || !isKey(key) || !position) return undefined;
  return { type, person: { key, info }, position };
}

/** The answer of the script that reads who is present. Throws for what can't be one; leaves out who can't be. */
export function readState(answer: unknown): PresenceState {
  const [epoch, version, fields] = answer as unknown[];
  const people: PresentPerson[] = [];
  const texts = (fields as unknown[]).map(String);
  for (let i = 0; i + 1 < texts.length; i += 2) {
    const person = texts[i]!.startsWith('m') ? readPerson(texts[i]!.slice(1), texts[i + 1]!) : undefined;
    if (person) people.push(person);
  }
  return { people, position: readPosition(epoch, version) };
}

function readPerson(key: string, value: string): PresentPerson | undefined {
  const info = value.slice(value.indexOf('\n') + 1);
  return isKey(key) && isJson(info) ? { key, info: JSON.parse(info) as unknown } : undefined;
}

function isKey(key: unknown): key is string {
  return typeof key === 'string' && key !== '' && Buffer.byteLength(key) <= MAX_KEY_BYTES;
}

/** Reads an answer that others may have tampered with. */
export function understood<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw unavailable('its answer was not understood');
  }
}
