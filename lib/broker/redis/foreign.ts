/**
 * Reads what comes from Redis. Others may write there: nothing is taken for granted, and what is malformed
 * is as good as lost.
 */
import { type BrokerPublication, type Position, type Replay, parseCursor } from '../../channel/index.js';

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

/** `<ms>:<body>` */
function readEntry(entry: unknown, position: Position): Kept | undefined {
  const body = String(entry).replace(/^\d+:/, '');
  return isJson(body) ? { body, position } : undefined;
}

/** What a client would get as it is. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
