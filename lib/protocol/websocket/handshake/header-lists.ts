/** HTTP header values that are lists, RFC 9110 §5.6.1, as RFC 6455 §9.1 and §11.3 use them. */

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export const isToken = (text: string): boolean => TOKEN.test(text);

/**
 * The tokens of a comma-separated list; empty elements are skipped (RFC 9110 §5.6.1.2).
 * @returns undefined when an element is not a token
 */
export function readTokenList(value: string): string[] | undefined {
  const tokens = value
    .split(',')
    .map((element) => trimBlanks(element))
    .filter((element) => element !== '');
  return tokens.every(isToken) ? tokens : undefined;
}

/** Optional white space is blank and tab only (RFC 9110 §5.6.3); `trim` would take more. */
export function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** Whether a list has a token, whatever its case, as RFC 6455 §4.2.1 asks of Upgrade and Connection. */
export function listHasToken(value: string, token: string): boolean {
  return value.split(',').some((element) => trimBlanks(element).toLowerCase() === token);
}
