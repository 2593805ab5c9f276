export { type StreamForm, chooseForm, readWaitMs } from './negotiate.js';
export {
  CURSOR_HEADER,
  DONE_EVENT,
  ERROR_EVENT,
  GAP_EVENT,
  type PollAnswer,
  type PolledEvent,
  RECOVERED_HEADER,
} from './poll-answer.js';
export { isTerminalCursor, terminalCursor } from './terminal-cursor.js';
