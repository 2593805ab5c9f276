/** Agreeing on extensions, RFC 6455 §9.1: both sides end with the same list, in the same order. */
import { HandshakeError } from '../handshake/handshake-error.js';
import type { AcceptedOffer, Extension } from './extension.js';
import { type ExtensionElement, readExtensions, writeExtension } from './extension-header.js';

/** An extension in use on a connection. */
export interface NegotiatedExtension {
  readonly name: string;
  readonly rsv: number;
  readonly accepted: AcceptedOffer;
}

/**
 * The server's choice: each extension once, by the first of its offers that it accepts.
 * @param header the client's `Sec-WebSocket-Extensions`
 * @throws HandshakeError 400 for a header that does not follow the grammar
 */
export function acceptExtensions(
  header: string | undefined,
  extensions: readonly Extension[],
): NegotiatedExtension[] {
  if (header === undefined) return [];
  const offers = readExtensions(header);
  if (offers === undefined) throw new HandshakeError(400, 'Sec-WebSocket-Extensions is malformed');
  const chosen: NegotiatedExtension[] = [];
  for (const offer of offers) {
    const extension = extensions.find(({ name }) => name === offer.name);
    if (extension === undefined || offer.hasRepeated || isTaken(extension, chosen)) continue;
    const accepted = extension.accept(offer.parameters);
    if (accepted) chosen.push({ name: extension.name, rsv: extension.rsv, accepted });
  }
  return chosen;
}

/** RFC 6455 §9.1: extensions that use the same reserved bit can't be used together. */
function isTaken(extension: Extension, chosen: readonly NegotiatedExtension[]): boolean {
  return chosen.some(({ name, rsv }) => name === extension.name || (rsv & extension.rsv) !== 0);
}

/** The client's `Sec-WebSocket-Extensions`; undefined when there is nothing to offer. */
export function offerExtensions(extensions: readonly Extension[]): string | undefined {
  const offers = extensions.flatMap((extension) =>
    extension.offers().map((parameters) => writeExtension(extension.name, parameters)),
  );
  return offers.length === 0 ? undefined : offers.join(', ');
}

/**
 * The client's reading of the server's answer.
 * @throws Error for an extension that was not offered, comes twice, or whose parameters don't fit
 */
export function confirmExtensions(
  header: string | undefined,
  extensions: readonly Extension[],
): NegotiatedExtension[] {
  if (header === undefined) return [];
  const answers = readExtensions(header);
  if (answers === undefined) throw new Error('Sec-WebSocket-Extensions of the answer is malformed');
  const confirmed: NegotiatedExtension[] = [];
  for (const answer of answers) confirmed.push(confirm(answer, extensions, confirmed));
  return confirmed;
}

function confirm(
  answer: ExtensionElement,
  extensions: readonly Extension[],
  confirmed: readonly NegotiatedExtension[],
): NegotiatedExtension {
  const extension = extensions.find(({ name }) => name === answer.name);
  if (extension === undefined) throw new Error(`extension ${answer.name} was not offered`);
  if (answer.hasRepeated || isTaken(extension, confirmed)) {
    throw new Error(`extension ${answer.name} or a parameter of it is repeated`);
  }
  return { name: extension.name, rsv: extension.rsv, accepted: extension.confirm(answer.parameters) };
}

/** `Sec-WebSocket-Extensions` of an answer, and the `extensions` property; empty when there are none. */
export function writeNegotiated(extensions: readonly NegotiatedExtension[]): string {
  return extensions.map(({ name, accepted }) => writeExtension(name, accepted.parameters)).join(', ');
}
