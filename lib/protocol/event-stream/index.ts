export { EventTooLargeError, InvalidEventError } from './errors.js';
export { EventStreamParser, type ReceivedEvent } from './parser.js';
export { type EventFields, checkEvent, serializeEvent } from './serialize.js';
