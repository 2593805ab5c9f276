export { EventStreamWriter, type EventStreamOptions, type EventStreamOwner } from './event-stream-writer.js';
export { type HttpRequest, type HttpResponse, mergeVary, whenClosed } from './http-message.js';
