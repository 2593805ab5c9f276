/**
 * Ids of sessions. Where an application has several nodes an id begins with the one that has the session, so that
 * the others find it without asking around: `<node>~<uuid>`.
 */
import { randomBytes } from 'node:crypto';
import { createId } from './create-id.js';

const NODE_BYTES = 9;
const NODE = /^[\w-]{12}$/;

/** A name for this process that no other has, and none had before. */
export const newNodeId = (): string => randomBytes(NODE_BYTES).toString('base64url');

export const isNodeId = (text: string): boolean => NODE.test(text);

export function newSessionId(node: string | undefined): string {
  return node === undefined ? createId() : `${node}~${createId()}`;
}

/** The node that has the session, or had it; undefined when the id names none. */
export function nodeOf(sessionId: string): string | undefined {
  const [node, rest] = sessionId.split('~', 2);
  return rest !== undefined && isNodeId(node!) ? node : undefined;
}
