export { type Poll, type PollBatch, PollTransport } from './poll-transport.js';
