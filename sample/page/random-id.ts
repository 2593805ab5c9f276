const BYTES = 16;

/** `crypto.randomUUID` is not there on a page from plain http, as a phone in the same network gets it. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
