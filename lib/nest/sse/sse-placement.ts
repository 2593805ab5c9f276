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
    const controllers = this.discovery.getControllers().map(({ metatype }) => metatype as Type);
    const withStreams = controllers.filter((controller) => this.hasStreams(controller));
    if (withStreams.length === 0) return;
    for (const controller of withStreams) putFirst(controller);
    // not injectable, but the list that it gives is the one that Nest uses
    const config: ApplicationConfig | undefined = this.moduleRef['container'].applicationConfig;
    const isNeeded = config?.getGlobalInterceptors().length || config?.getGlobalRequestInterceptors().length;
    if (isNeeded) config.getGlobalInterceptors().unshift(this.interceptor);
  }

  private hasStreams(controller: Type): boolean {
    const prototype = controller.prototype as Record<string, object>;
    return this.scanner
      .getAllMethodNames(prototype)
      .some((name) => Reflect.hasMetadata(SSE_METADATA, prototype[name]!));
  }
}

function putFirst(controller: Type): void {
  const present = (Reflect.getMetadata(INTERCEPTORS_METADATA, controller) ?? []) as unknown[];
  if (present.length === 0 || present[0] === SseInterceptor) return;
  Reflect.defineMetadata(INTERCEPTORS_METADATA, [SseInterceptor, ...present], controller);
}
