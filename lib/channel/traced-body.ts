/**
 * How the context of a publisher's span gets to other processes: in the body, which brokers carry without looking
 * into it. A body with one is wrapped, `{"nestwire:trace":"<traceparent>","data":<body>}`, and is known by its
 * first characters, so that the others cost no parsing. A body of an application that begins like this is wrapped
 * too, with nothing in it that could be taken for a context: so it comes out as it went in.
 */
import { TRACEPARENT_CHARS, readTraceparent } from '../protocol/envelope/index.js';
import type { BrokerPublication, Replay } from './broker.js';
import { isJson } from './is-json.js';

const HEAD = '{"nestwire:trace":"';
const NECK = '","data":';
const NONE = '-'.repeat(TRACEPARENT_CHARS);
const NECK_AT = HEAD.length + TRACEPARENT_CHARS;
const BODY_AT = NECK_AT + NECK.length;

export interface OpenedPublication extends BrokerPublication {
  /** A checked traceparent. */
  readonly trace?: string | undefined;
}

export function wrapBody(body: string, trace: string | undefined): string {
  if (trace === undefined && !body.startsWith(HEAD)) return body;
  return `${HEAD}${trace ?? NONE}${NECK}${body}}`;
}

/** The same object when it was not wrapped. */
export function openPublication<P extends BrokerPublication>(publication: P): P & OpenedPublication {
  const { body } = publication;
  if (!body.startsWith(HEAD) || !body.startsWith(NECK, NECK_AT)) return publication;
  const inner = body.slice(BODY_AT, -1);
  if (!isJson(inner)) return publication; // others may write to where it comes from
  return { ...publication, body: inner, trace: readTraceparent(body.slice(HEAD.length, NECK_AT)) };
}

export function openReplay(replay: Replay): Replay {
  const { publications } = replay;
  if (!publications.some(({ body }) => body.startsWith(HEAD))) return replay;
  return { ...replay, publications: publications.map(openPublication) };
}
