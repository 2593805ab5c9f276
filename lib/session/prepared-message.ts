/**
 * One outgoing message, encoded once, whoever gets it. The first transport that frames it keeps the
 * bytes in `wire`, so that a publication to a thousand sessions is encoded and framed a single time.
 */
export class PreparedMessage {
  /** What a transport made of it; only the transport that set it knows what it is. */
  wire: object | undefined = undefined;

  /** @param data a string travels as text, bytes travel as binary */
  constructor(readonly data: string | Uint8Array) {}
}
