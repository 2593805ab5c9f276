export { LONGEST_TIMER_MS } from './longest-timer.js';
export { NestwireError } from './nestwire-error.js';
