/** `nestwire/testing`: clients for the tests of an application, whichever runner these have. */
export {
  type HttpApplication,
  type TestClientOptions,
  connectInProcess,
  connectOverNetwork,
} from './connect.js';
export {
  AnsweredByExceptionError,
  ConnectionEndedError,
  ConnectionRefusedError,
  NothingCameError,
} from './errors.js';
export type { ServerMessage } from './messages.js';
export { TestClient } from './test-client.js';
