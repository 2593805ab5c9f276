export { EventStreamWriter } from './event-stream-writer.js';
export {
  type HttpRequest,
  type HttpResponse,
  endConnectionAfter,
  mergeVary,
  whenClosed,
} from './http-message.js';
export { Http2Sessions } from './http2-sessions.js';
export { StreamTransport } from './stream-transport.js';
