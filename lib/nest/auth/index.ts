export {
  type Credential,
  type CredentialSource,
  type ReadCredentialOptions,
  readCredential,
} from './credential.js';
export { CredentialGuard } from './credential.guard.js';
export {
  InvalidAuthOptionsError,
  InvalidIdentityError,
  TicketLimitError,
  TokenRefusedError,
} from './errors.js';
export { type Identity, type KnownIdentity, principalOfUser } from './identity.js';
export { sameSecret } from './secrets.js';
export { Sessions, type VerifyToken } from './sessions.js';
export { type TicketOptions, Tickets } from './tickets.js';
export { TOKEN_EVENT, TokenHandler } from './token-handler.js';
