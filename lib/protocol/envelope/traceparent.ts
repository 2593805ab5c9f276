/** The W3C Trace Context header of that name: `00-<trace id>-<span id>-<flags>`, in lower-case hexadecimal. */
export type Traceparent = string;

/** The length of version 00, which is the only one there is. */
export const TRACEPARENT_CHARS = 55;

const PATTERN = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What a peer sent, if it is one; anything else is as good as nothing. */
export function readTraceparent(value: unknown): Traceparent | undefined {
  const isOne = typeof value === 'string' && value.length === TRACEPARENT_CHARS && PATTERN.test(value);
  return isOne ? value : undefined;
}
