export { NestwireError } from './nestwire-error.js';
