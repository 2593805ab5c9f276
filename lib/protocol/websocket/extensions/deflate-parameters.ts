/**
 * The parameters of `permessage-deflate`, RFC 7692 §7.1: reading offers and answers, and what each side may
 * make of them. Without compression itself, which is the transport's.
 */
import type { ExtensionParameters } from './extension-header.js';

export const PERMESSAGE_DEFLATE = 'permessage-deflate';

/** What both sides agreed on. */
export interface DeflateParameters {
  /** The server starts every message with an empty window. */
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  /** Base-two logarithm of the window the server compresses with, 8 to 15. */
  readonly serverMaxWindowBits: number;
  readonly clientMaxWindowBits: number;
}

/** What one side wants, before it knows the other. */
export interface DeflatePreferences {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number;
  readonly clientMaxWindowBits: number;
}

const MAX_WINDOW_BITS = 15;
const NAMES = {
  serverNoContextTakeover: 'server_no_context_takeover',
  clientNoContextTakeover: 'client_no_context_takeover',
  serverMaxWindowBits: 'server_max_window_bits',
  clientMaxWindowBits: 'client_max_window_bits',
} as const;
const KNOWN: ReadonlySet<string> = new Set(Object.values(NAMES));

/** RFC 7692 §7.1.2.1: decimal, 8 to 15, without leading zeros. */
function windowBits(value: string | true | undefined): number | undefined {
  return typeof value === 'string' && /^(?:8|9|1[0-5])$/.test(value) ? Number(value) : undefined;
}

/** The parameters as they stand, or undefined when one is unknown or has a bad value (§7.1: decline). */
function readValid(given: ExtensionParameters, isOffer: boolean): Map<string, number | true> | undefined {
  const read = new Map<string, number | true>();
  for (const [name, value] of given) {
    if (!KNOWN.has(name)) return undefined;
    const flag =
      name.endsWith('takeover') || (isOffer && name === NAMES.clientMaxWindowBits && value === true);
    const parsed = flag ? (value === true ? true : undefined) : windowBits(value);
    if (parsed === undefined) return undefined;
    read.set(name, parsed);
  }
  return read;
}

/**
 * The server's answer to one offer.
 * @returns undefined to decline: an invalid offer, or one that we can't meet
 */
export function answerOffer(
  offer: ExtensionParameters,
  wanted: DeflatePreferences,
): { agreed: DeflateParameters; parameters: ExtensionParameters } | undefined {
  const offered = readValid(offer, true);
  if (offered === undefined) return undefined;
  const agreed: DeflateParameters = {
    serverNoContextTakeover: wanted.serverNoContextTakeover || offered.has(NAMES.serverNoContextTakeover),
    clientNoContextTakeover: wanted.clientNoContextTakeover || offered.has(NAMES.clientNoContextTakeover),
    serverMaxWindowBits: Math.min(
      wanted.serverMaxWindowBits,
      asNumber(offered.get(NAMES.serverMaxWindowBits)),
    ),
    clientMaxWindowBits: Math.min(
      wanted.clientMaxWindowBits,
      asNumber(offered.get(NAMES.clientMaxWindowBits)),
    ),
  };
  // §7.1.2.2: without the client's hint it can't be told to use a smaller window
  const mayLimitClient = offered.has(NAMES.clientMaxWindowBits);
  const limited = mayLimitClient ? agreed : { ...agreed, clientMaxWindowBits: MAX_WINDOW_BITS };
  return { agreed: limited, parameters: write(limited) };
}

function asNumber(bits: number | true | undefined): number {
  return typeof bits === 'number' ? bits : MAX_WINDOW_BITS;
}

/** Only what differs from the defaults of §7.1 needs to be said. */
function write(agreed: DeflateParameters): ExtensionParameters {
  const parameters = new Map<string, string | true>();
  if (agreed.serverNoContextTakeover) parameters.set(NAMES.serverNoContextTakeover, true);
  if (agreed.clientNoContextTakeover) parameters.set(NAMES.clientNoContextTakeover, true);
  if (agreed.serverMaxWindowBits < MAX_WINDOW_BITS) {
    parameters.set(NAMES.serverMaxWindowBits, String(agreed.serverMaxWindowBits));
  }
  if (agreed.clientMaxWindowBits < MAX_WINDOW_BITS) {
    parameters.set(NAMES.clientMaxWindowBits, String(agreed.clientMaxWindowBits));
  }
  return parameters;
}

/**
 * The client's offers: what it wants, and, where that asks something of the server, a plain one for
 * servers that decline it (§5.1).
 */
export function writeOffers(wanted: DeflatePreferences): ExtensionParameters[] {
  const preferred = new Map(write(wanted));
  if (!preferred.has(NAMES.clientMaxWindowBits)) preferred.set(NAMES.clientMaxWindowBits, true);
  const plain: ExtensionParameters = new Map([[NAMES.clientMaxWindowBits, true]]);
  const asksServer = preferred.has(NAMES.serverMaxWindowBits) || preferred.has(NAMES.serverNoContextTakeover);
  return asksServer ? [preferred, plain] : [preferred];
}

/** The client's reading of the answer. @throws Error for a value out of range or an unknown parameter */
export function readAnswer(answer: ExtensionParameters, wanted: DeflatePreferences): DeflateParameters {
  const answered = readValid(answer, false);
  if (answered === undefined) throw new Error(`${PERMESSAGE_DEFLATE}: a parameter of the answer is invalid`);
  return {
    serverNoContextTakeover: answered.has(NAMES.serverNoContextTakeover),
    clientNoContextTakeover: answered.has(NAMES.clientNoContextTakeover) || wanted.clientNoContextTakeover,
    serverMaxWindowBits: asNumber(answered.get(NAMES.serverMaxWindowBits)),
    clientMaxWindowBits: Math.min(
      wanted.clientMaxWindowBits,
      asNumber(answered.get(NAMES.clientMaxWindowBits)),
    ),
  };
}
