/**
 * What the adapter needs of the application it is given. Looked at by its shape: with a second copy of
 * `@nestjs/core` installed it is no instance of the class we know, and `WsAdapter` then takes the application
 * itself for the HTTP server.
 */
import 'reflect-metadata';
import type { Server } from 'node:http';
import type { Type } from '@nestjs/common';

/** Public or protected in Nest 11 and 12. What is given as an HTTP server has none of it. */
interface ApplicationShape {
  getHttpServer?(): unknown;
  readonly isInitialized?: boolean;
  readonly container?: {
    getModules(): ReadonlyMap<string, { readonly providers: ReadonlyMap<unknown, Provider> }>;
  };
}

interface Provider {
  readonly metatype: { readonly prototype: object } | null;
  readonly instance: object | null | undefined;
  readonly isNotMetatype: boolean;
  isDependencyTreeStatic(): boolean;
}

/** What `@WebSocketGateway` leaves at a class: `GATEWAY_METADATA` of `@nestjs/websockets`, an optional peer. */
const GATEWAY_METADATA = 'websockets:is_gateway';

export class Application {
  private readonly shape: ApplicationShape;
  /** Undefined where there is none, in an application without HTTP for instance. */
  readonly httpServer: Server | undefined;

  /** @param given an application, or its HTTP server */
  constructor(given: object) {
    this.shape = given;
    this.httpServer = asServer(this.shape.getHttpServer ? this.shape.getHttpServer() : given);
  }

  /** Whether all lifecycle hooks of the start have run; undefined where that can't be known. */
  get isInitialized(): boolean | undefined {
    return this.shape.isInitialized;
  }

  /**
   * The objects whose methods Nest calls for the gateways: the instances, and where a class is instantiated for
   * each client its prototype.
   */
  gateways(): object[] {
    return this.modules
      .flatMap(({ providers }) => [...providers.values()])
      .filter(isGateway)
      .map((gateway) => (gateway.isDependencyTreeStatic() ? gateway.instance : gateway.metatype?.prototype))
      .filter((target) => typeof target === 'object' && target !== null);
  }

  /** The provider of that class, whichever module has it; undefined where there is none. */
  find<T extends object>(provided: Type<T>): T | undefined {
    const provider = this.modules.find(({ providers }) => providers.has(provided))?.providers.get(provided);
    return provider?.instance instanceof provided ? provider.instance : undefined;
  }

  private get modules(): { readonly providers: ReadonlyMap<unknown, Provider> }[] {
    return [...(this.shape.container?.getModules().values() ?? [])];
  }
}

const isGateway = ({ metatype, isNotMetatype }: Provider): boolean =>
  !isNotMetatype && !!metatype && Reflect.hasMetadata(GATEWAY_METADATA, metatype);

function asServer(given: unknown): Server | undefined {
  const isServer = typeof given === 'object' && given !== null && 'listen' in given && 'on' in given;
  return isServer ? (given as Server) : undefined;
}
