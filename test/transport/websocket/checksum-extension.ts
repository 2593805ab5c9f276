/**
 * A second extension, made as an application would make one, of public names only: each message carries a
 * checksum of its payload behind it, `x-checksum` in the handshake, RSV2 on the wire.
 */
import { createHash } from 'node:crypto';
import {
  type AcceptedOffer,
  type Extension,
  type ExtensionParameters,
  type MessageTransform,
  WebSocketError,
} from 'nestwire/websocket';

const RSV2 = 0x20;
const BYTES = 4;

const sumOf = (payload: Buffer): Buffer => createHash('sha256').update(payload).digest().subarray(0, BYTES);

const transform: MessageTransform = {
  encode: ({ payload }) => Buffer.concat([payload, sumOf(payload)]),
  decode(payload) {
    const message = payload.subarray(0, -BYTES);
    if (payload.length >= BYTES && sumOf(message).equals(payload.subarray(-BYTES))) return message;
    throw new WebSocketError('WS_ERR_INVALID_DATA', 1007, 'the checksum is another');
  },
  close() {},
};

const parameters: ExtensionParameters = new Map([['algorithm', 'sha256']]);
const accepted: AcceptedOffer = { parameters, open: () => transform };

export const checksum: Extension = {
  name: 'x-checksum',
  rsv: RSV2,
  accept: (offer) => (offer.get('algorithm') === 'sha256' ? accepted : undefined),
  offers: () => [parameters],
  confirm(answer) {
    if (answer.get('algorithm') === 'sha256') return accepted;
    throw new Error('x-checksum was answered with another algorithm');
  },
};
