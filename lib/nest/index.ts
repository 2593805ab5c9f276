export {
  type AsyncApiChannel,
  type AsyncApiDocument,
  type AsyncApiMessage,
  type AsyncApiOptions,
  type JsonSchema,
  type ToJsonSchema,
  asyncApi,
} from './async-api/index.js';
export { SseEndpoint, type SseSource } from './decorators/sse-endpoint.decorator.js';
export {
  type CallbackVerifyClient,
  type MessageParser,
  NestwireAdapter,
  type NestwireAdapterOptions,
  type ParsedMessage,
  type WebSocketGatewayOptions,
} from './adapter/index.js';
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
  EventName,
  Gateway,
  type GatewayOptions,
  type HandlerResult,
  OnConnect,
  OnDisconnect,
  Payload,
  Signal,
  Subscribe,
  type SubscribeOptions,
} from './decorators/index.js';
export { InvalidGatewayError } from './gateway/errors.js';
export { ContextNotEnteredError, type MessageContext } from './pipeline/message-context.js';
export { NestwireModule } from './nestwire.module.js';
export type { NestwireOptions } from './nestwire.options.js';
export { InvalidSseOptionsError, InvalidSseResultError } from './sse/errors.js';
export { SseItem, type SseItemFields, sse } from './sse/sse-item.js';
export type {
  EventStreamSettings,
  ReplayOptions,
  SseEndpointOptions,
  SseRequest,
} from './sse/sse-options.js';
