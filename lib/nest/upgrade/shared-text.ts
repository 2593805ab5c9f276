/** Texts that many requests have in common, kept once: each request brings a copy of its own. */

/** Of what clients choose themselves some is common to none. When the table is full, it begins anew. */
const MAX_TEXTS = 1_024;
const MAX_CHARS = 256;

const known = new Map<string, string>();

/** @returns the same text; for those seen before, the one seen first */
export function sharedText(text: string): string {
  const first = known.get(text);
  if (first !== undefined) return first;
  if (text.length > MAX_CHARS) return text;
  if (known.size === MAX_TEXTS) known.clear();
  known.set(text, text);
  return text;
}
