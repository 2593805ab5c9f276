import { Injectable, type Type } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { type ApplicationConfig, DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { SSE_METADATA } from '../decorators/metadata.js';
import { SseInterceptor } from './sse.interceptor.js';

/**
 * Puts our interceptor before those of the application, which are to see (and change) each item before it is
 * sent. Beside the method, where the decorator puts it, it would stand behind those of the class and the
 * global ones. Runs before Nest makes its routes.
 */
@Injectable()
export class SsePlacement {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly moduleRef: ModuleRef,
    private readonly interceptor: SseInterceptor,
  ) {}

  configure(): void {
    const wrappers = [...this.discovery.getControllers(), ...this.discovery.getProviders()];
    const classes = new Set(wrappers.map(({ metatype }) => metatype as Type | null | undefined));
    const withStreams = [...classes].filter((metatype) => metatype && this.hasStreams(metatype));
    if (withStreams.length === 0) return;
    for (const metatype of withStreams) putFirst(metatype!);
    // not injectable, but the list that it gives is the one that Nest uses
    const config: ApplicationConfig | undefined = this.moduleRef['container'].applicationConfig;
    const isNeeded = config?.getGlobalInterceptors().length || config?.getGlobalRequestInterceptors().length;
    if (isNeeded) config.getGlobalInterceptors().unshift(this.interceptor);
  }

  private hasStreams(metatype: Type): boolean {
    const prototype = metatype.prototype as Record<string, object> | undefined;
    if (!prototype) return false;
    return this.scanner
      .getAllMethodNames(prototype)
      .some((name) => Reflect.hasMetadata(SSE_METADATA, prototype[name]!));
  }
}

function putFirst(metatype: Type): void {
  const present = (Reflect.getMetadata(INTERCEPTORS_METADATA, metatype) ?? []) as unknown[];
  if (present.length === 0 || present[0] === SseInterceptor) return;
  Reflect.defineMetadata(INTERCEPTORS_METADATA, [SseInterceptor, ...present], metatype);
}
