export {
  type Credential,
  CredentialGuard,
  type CredentialSource,
  type Identity,
  InvalidAuthOptionsError,
  InvalidIdentityError,
  type KnownIdentity,
  type ReadCredentialOptions,
  Sessions,
  TicketLimitError,
  type TicketOptions,
  Tickets,
  TokenRefusedError,
  type VerifyToken,
  readCredential,
  sameSecret,
} from './auth/index.js';
export {
  CloseReason,
  CurrentSession,
  Gateway,
  type GatewayOptions,
  type HandlerResult,
  OnConnect,
  OnDisconnect,
  Payload,
  Subscribe,
  type SubscribeOptions,
} from './decorators/index.js';
export { InvalidGatewayError } from './gateway/errors.js';
export { NestwireModule } from './nestwire.module.js';
export type { NestwireOptions } from './nestwire.options.js';
