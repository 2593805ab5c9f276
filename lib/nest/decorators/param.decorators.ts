import {
  Body,
  type ExecutionContext,
  type PipeTransform,
  Req,
  type Type,
  createParamDecorator,
} from '@nestjs/common';

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

/** How the session ended, in `@OnDisconnect`: `CloseDetails` with code, reason and whether it was clean. */
export const CloseReason = createParamDecorator((_: unknown, context: ExecutionContext): unknown =>
  context.switchToWs().getData(),
);
