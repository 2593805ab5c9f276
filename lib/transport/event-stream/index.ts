export { EventStreamWriter } from './event-stream-writer.js';
export { type HttpRequest, type HttpResponse, mergeVary, whenClosed } from './http-message.js';
export { StreamTransport, type StreamTransportOptions } from './stream-transport.js';
