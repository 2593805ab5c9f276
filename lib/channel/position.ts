/** Where something stands in a channel's history. */
export interface Position {
  /** Which history: a new one has a new epoch. */
  readonly epoch: string;
  /** Counts the publications of an epoch from 1, without holes; 0 is before the first. */
  readonly offset: number;
}

/** `1` is the version of the form. An epoch is at most 40 characters, so a cursor stays below 64 bytes. */
const CURSOR = /^1\.([A-Za-z0-9_-]{1,40})\.(0|[1-9]\d{0,15})$/;

/** The opaque text that clients get. */
export function formatCursor({ epoch, offset }: Position): string {
  return `1.${epoch}.${offset}`;
}

/** Undefined for anything that `formatCursor` did not make. */
export function parseCursor(text: string): Position | undefined {
  const [, epoch, digits] = CURSOR.exec(text) ?? [];
  const offset = Number(digits);
  return epoch === undefined || !Number.isSafeInteger(offset) ? undefined : { epoch, offset };
}

/** In no history: reading after it tells where the history stands, and nothing of what it holds. */
export const NOWHERE: Position = { epoch: '-', offset: 0 };
