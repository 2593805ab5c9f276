import {
  Body,
  type ExecutionContext,
  type PipeTransform,
  Req,
  type Type,
  createParamDecorator,
} from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ParamType, signalOf } from '../pipeline/arguments.js';

type PipeOrClass = Type<PipeTransform> | PipeTransform;

/**
 * The data of the message, or one field of it, through the pipes that apply.
 * It is `@Body()` by another name, so that pipes treat it as what a client sent.
 */
export function Payload(...pipes: PipeOrClass[]): ParameterDecorator;
export function Payload(field: string, ...pipes: PipeOrClass[]): ParameterDecorator;
export function Payload(first?: string | PipeOrClass, ...pipes: PipeOrClass[]): ParameterDecorator {
  if (typeof first === 'string') return Body(first, ...pipes);
  return first === undefined ? Body() : Body(first, ...pipes);
}

/** The session that the message came from: a `GatewaySession`. */
export const CurrentSession = (): ParameterDecorator => Req();

/**
 * An `AbortSignal` that is aborted when the client cancels the message, when its time is up
 * (`limits.messageMs`), and when the session ends. Undefined in `@OnConnect` and `@OnDisconnect`.
 */
export const Signal = createParamDecorator(signalOf);

/** The name of the event, `switchToWs().getPattern()`: for handlers of several, such as `@Subscribe('*')`. */
export const EventName = (): ParameterDecorator => (target, key, index) => {
  if (key === undefined) return;
  // what Nest's own decorators do; `createParamDecorator` would take the handler off the direct path
  const given = Reflect.getMetadata(ROUTE_ARGS_METADATA, target.constructor, key) as object | undefined;
  const param = { [`${ParamType.event}:${index}`]: { index, pipes: [] } };
  Reflect.defineMetadata(ROUTE_ARGS_METADATA, { ...given, ...param }, target.constructor, key);
};

/** How the session ended, in `@OnDisconnect`: `CloseDetails` with code, reason and whether it was clean. */
export const CloseReason = createParamDecorator((_: unknown, context: ExecutionContext): unknown =>
  context.switchToWs().getData(),
);
