import type { Type } from '@nestjs/common';
import type { StandardSchema } from '../../protocol/index.js';

export type Method = (...args: unknown[]) => unknown;

/** One method of a gateway that the pipeline runs. */
export interface HandlerSource {
  readonly instance: object;
  readonly metatype: Type;
  readonly methodName: string;
  readonly method: Method;
  /** The id of the gateway's instance wrapper: finds the enhancers of its module. */
  readonly wrapperId: string;
  /** Validates the payload before the pipes. */
  readonly schema: StandardSchema | undefined;
}
