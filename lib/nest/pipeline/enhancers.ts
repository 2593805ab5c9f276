/** Which enhancers apply to a method, at any level: decides whether the pipeline can be left out. */
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/constants.js';
import type { ApplicationConfig } from '@nestjs/core';
import type { HandlerSource } from './handler-source.js';

export interface Enhancers {
  readonly guards: boolean;
  readonly pipes: boolean;
  readonly interceptors: boolean;
  readonly filters: boolean;
}

/** @param config undefined: no global enhancers */
export function findEnhancers(source: HandlerSource, config: ApplicationConfig | undefined): Enhancers {
  const isLocal = (key: string): boolean =>
    hasEntries(source.metatype, key) || hasEntries(source.method, key);
  const isGlobal = (...lists: (readonly unknown[] | undefined)[]): boolean =>
    lists.some((list) => list?.length);
  return {
    guards: isLocal(GUARDS_METADATA) || isGlobal(config?.getGlobalGuards(), config?.getGlobalRequestGuards()),
    pipes: isLocal(PIPES_METADATA) || isGlobal(config?.getGlobalPipes(), config?.getGlobalRequestPipes()),
    interceptors:
      isLocal(INTERCEPTORS_METADATA) ||
      isGlobal(config?.getGlobalInterceptors(), config?.getGlobalRequestInterceptors()),
    filters:
      isLocal(EXCEPTION_FILTERS_METADATA) ||
      isGlobal(config?.getGlobalFilters(), config?.getGlobalRequestFilters()),
  };
}

function hasEntries(target: object, key: string): boolean {
  return ((Reflect.getMetadata(key, target) as unknown[] | undefined)?.length ?? 0) > 0;
}
