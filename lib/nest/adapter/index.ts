export type {
  CallbackVerifyClient,
  MessageParser,
  NestwireAdapterOptions,
  ParsedMessage,
} from './adapter-options.js';
export { NestwireAdapter } from './nestwire-adapter.js';
