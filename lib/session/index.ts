export { PreparedMessage } from './prepared-message.js';
export type { SessionTransport, TransportEvents, TransportKind } from './transport.js';
