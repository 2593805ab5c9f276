export type {
  CallbackVerifyClient,
  MessageParser,
  NestwireAdapterOptions,
  ParsedMessage,
  WebSocketGatewayOptions,
} from './adapter-options.js';
export { NestwireAdapter } from './nestwire-adapter.js';
