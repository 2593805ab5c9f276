import 'reflect-metadata';
import { PARAMTYPES_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { Observable } from 'rxjs';
import type {
  AnyProtocol,
  ClientEvent,
  ItemInput,
  PayloadOutput,
  ReplyInput,
  StandardSchema,
} from '../../protocol/index.js';
import type { Overflow } from '../../session/index.js';
import { SUBSCRIPTIONS_METADATA, type SubscriptionMetadata } from './metadata.js';
import { CurrentSession, Payload } from './param.decorators.js';

export interface SubscribeOptions {
  /** For a handler that answers with a stream: what happens when its client is slow. Default `buffer`. */
  readonly overflow?: Overflow;
}

type MaybePromise<T> = T | Promise<T>;

/** What a handler of `E` may return. A bare `void` would let it return anything. */
export type HandlerResult<P extends AnyProtocol, E extends ClientEvent<P>> = P['client'][E] extends {
  readonly reply: StandardSchema;
}
  ? MaybePromise<ReplyInput<P, E>>
  : P['client'][E] extends { readonly stream: StandardSchema }
    ? MaybePromise<Observable<ItemInput<P, E>> | AsyncIterable<ItemInput<P, E>>>
    : // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- methods declared void must fit
      void | undefined | Promise<void | undefined>;

/**
 * Typed: the method handles `event` of the protocol. The payload is its first parameter, of the type that
 * the schema makes; what it returns is checked against the protocol. A wrong event, payload or result is a
 * compile-time error at the decorator. At run time the payload is validated before the method is called.
 *
 * Parameters need no decorators if they are the payload and the session, in this order.
 */
export function Subscribe<P extends AnyProtocol, const E extends ClientEvent<P>>(
  protocol: P,
  event: E,
  options?: SubscribeOptions,
): <M extends (payload: PayloadOutput<P, E>, ...rest: never[]) => HandlerResult<P, E>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;
/**
 * Plain: the method handles `event`, in whatever protocol. Validation is up to pipes. Without parameter
 * decorators it gets the session and the data, as `@SubscribeMessage` methods do.
 */
export function Subscribe(event: string, options?: SubscribeOptions): MethodDecorator;
export function Subscribe(
  first: AnyProtocol | string,
  second?: string | SubscribeOptions,
  third?: SubscribeOptions,
): MethodDecorator {
  const isTyped = typeof first !== 'string';
  const options = isTyped ? third : (second as SubscribeOptions | undefined);
  const subscription: SubscriptionMetadata = {
    event: isTyped ? (second as string) : first,
    protocol: isTyped ? first : undefined,
    overflow: options?.overflow ?? 'buffer',
  };
  return (target, key, descriptor) => {
    if (isTyped) prepareTypedMethod(target, key, descriptor.value as Handler);
    addSubscription(descriptor.value as Handler, subscription);
  };
}

type Handler = (...args: unknown[]) => unknown;

function addSubscription(handler: Handler, subscription: SubscriptionMetadata): void {
  const others = (Reflect.getMetadata(SUBSCRIPTIONS_METADATA, handler) ?? []) as SubscriptionMetadata[];
  Reflect.defineMetadata(SUBSCRIPTIONS_METADATA, [...others, subscription], handler);
}

function prepareTypedMethod(target: object, key: string | symbol, handler: Handler): void {
  if (!Reflect.hasMetadata(ROUTE_ARGS_METADATA, target.constructor, key)) {
    Payload()(target, key, 0);
    if (handler.length > 1) CurrentSession()(target, key, 1);
  }
  dropSchemasFromParamTypes(target, key);
}

/**
 * `const Draft = z.object(…); type Draft = …`: under swc the emitted parameter type is the schema, an object or
 * (arktype) a function, which ValidationPipe takes for a class and stumbles over.
 */
function dropSchemasFromParamTypes(target: object, key: string | symbol): void {
  const types = Reflect.getMetadata(PARAMTYPES_METADATA, target, key) as unknown[] | undefined;
  const isClass = (type: unknown): boolean => typeof type === 'function' && !('~standard' in type);
  const classes = types?.map((type) => (isClass(type) ? type : Object));
  if (classes) Reflect.defineMetadata(PARAMTYPES_METADATA, classes, target, key);
}
