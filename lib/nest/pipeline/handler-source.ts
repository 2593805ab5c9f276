import type { Type } from '@nestjs/common';
import type { ContextId } from '@nestjs/core';
import type { StandardSchema } from '../../protocol/index.js';
import type { ScopedInstances } from './scoped-instances.js';

export type Method = (...args: unknown[]) => unknown;

/** One method of a gateway that the pipeline runs. */
export interface HandlerSource {
  /** The singleton; before it is bound to an instance of its own, an empty object of the class. */
  readonly instance: object;
  readonly metatype: Type;
  readonly methodName: string;
  readonly method: Method;
  /** The id of the gateway's instance wrapper: finds the enhancers of its module. */
  readonly wrapperId: string;
  /** Validates the payload before the pipes. */
  readonly schema: StandardSchema | undefined;
  /** Undefined for a singleton. */
  readonly instances: ScopedInstances | undefined;
  /** Which of the request-scoped enhancers are meant; undefined for a singleton, and before it is bound. */
  readonly contextId?: ContextId;
}
