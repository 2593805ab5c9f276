/**
 * `Sec-WebSocket-Extensions`, RFC 6455 §9.1:
 *
 *     extension-list  = 1#extension
 *     extension       = token *( ";" extension-param )
 *     extension-param = token [ "=" ( token | quoted-string ) ]
 *
 * A quoted value must be a token once unquoted. Reading is one pass, whatever a peer sends.
 */
import { isToken, trimBlanks } from '../handshake/header-lists.js';

/** Parameters by name; `true` for one without a value. */
export type ExtensionParameters = ReadonlyMap<string, string | true>;

/** One element of the list: an offer of a client, or a server's answer. */
export interface ExtensionElement {
  readonly name: string;
  readonly parameters: ExtensionParameters;
  /** A parameter came more than once, which no extension allows so far. */
  readonly hasRepeated: boolean;
}

/** A peer may offer alternatives, but not make us weigh hundreds. */
const MAX_ELEMENTS = 16;

/** @returns undefined when the value does not follow the grammar; at most the first 16 elements */
export function readExtensions(value: string): ExtensionElement[] | undefined {
  const elements: ExtensionElement[] = [];
  for (const part of splitOutsideQuotes(value, ',')) {
    if (part === '') continue;
    const element = readElement(part);
    if (element === undefined) return undefined;
    if (elements.push(element) === MAX_ELEMENTS) break;
  }
  return elements.length > 0 ? elements : undefined;
}

function readElement(text: string): ExtensionElement | undefined {
  const [name, ...rest] = splitOutsideQuotes(text, ';');
  if (name === undefined || !isToken(name)) return undefined;
  const parameters = new Map<string, string | true>();
  let hasRepeated = false;
  for (const part of rest) {
    const parameter = readParameter(part);
    if (parameter === undefined) return undefined;
    hasRepeated ||= parameters.has(parameter[0]);
    parameters.set(...parameter);
  }
  return { name, parameters, hasRepeated };
}

function readParameter(text: string): [name: string, value: string | true] | undefined {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : trimBlanks(text.slice(0, equals));
  if (!isToken(name)) return undefined;
  if (equals < 0) return [name, true];
  const value = unquote(trimBlanks(text.slice(equals + 1)));
  return isToken(value) ? [name, value] : undefined;
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/g, '$1');
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      parts.push(trimBlanks(text.slice(from, at)));
      from = at + 1;
    }
  }
  parts.push(trimBlanks(text.slice(from)));
  return parts;
}

/** The inverse of `readExtensions`, for one element. Values are tokens, so nothing needs quotes. */
export function writeExtension(name: string, parameters: ExtensionParameters): string {
  const written = [...parameters].map(([key, value]) => (value === true ? key : `${key}=${value}`));
  return [name, ...written].join('; ');
}
