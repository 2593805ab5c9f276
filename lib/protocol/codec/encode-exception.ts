import { EXCEPTION_EVENT, type ExceptionData, type MessageId } from '../envelope/index.js';
import type { Codec, Encoded } from './codec.js';

/** @returns undefined when there is no way to say so, and nothing is to be sent */
export function encodeException(
  codec: Codec,
  id: MessageId | undefined,
  data: ExceptionData,
): Encoded | undefined {
  return codec.hasEnvelope ? codec.encode({ event: EXCEPTION_EVENT, id, data }) : undefined;
}
