export { Gateway, type GatewayOptions } from './gateway.decorator.js';
export { OnConnect, OnDisconnect } from './lifecycle.decorators.js';
export { CloseReason, CurrentSession, EventName, Payload, Signal } from './param.decorators.js';
export { type HandlerResult, Subscribe, type SubscribeOptions } from './subscribe.decorator.js';
