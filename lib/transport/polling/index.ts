export { type Poll, type PollBatch, type PollLimits, PollTransport } from './poll-transport.js';
