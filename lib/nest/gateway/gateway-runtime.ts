import type { AnyProtocol } from '../../protocol/index.js';
import type { CloseDetails, GatewaySession, MessageHandler } from '../../session/index.js';
import { type PipelineContext, compileHandler } from '../pipeline/compile-handler.js';
import { logError } from '../pipeline/explain.js';
import type { HandlerSource } from '../pipeline/handler-source.js';
import { ScopedInstances } from '../pipeline/scoped-instances.js';
import type { DefinedMethod, GatewayDefinition } from './gateway-definition.js';
import {
  type Connect,
  type Disconnect,
  compileConnect,
  compileDisconnect,
  compileReadmit,
} from './lifecycle.js';

/** One gateway class, compiled: its handlers, and what runs when sessions come and go. */
export class GatewayRuntime {
  private readonly connects: Connect[];
  private readonly readmits: Connect[];
  private readonly disconnects: Disconnect[];
  private readonly instances: ScopedInstances | undefined;

  constructor(
    readonly definition: GatewayDefinition,
    private readonly context: PipelineContext,
  ) {
    const { scoped } = definition;
    this.instances = scoped && new ScopedInstances(scoped, context.moduleRef);
    this.connects = this.compileConnects();
    this.readmits = this.compileReadmits();
    this.disconnects = definition.disconnect.map((defined) =>
      compileDisconnect(this.source(defined), context),
    );
  }

  private source({ name, method }: DefinedMethod, schema?: HandlerSource['schema']): HandlerSource {
    const { instance, metatype, wrapperId } = this.definition;
    return { instance, metatype, wrapperId, methodName: name, method, schema, instances: this.instances };
  }

  /** The guards of the class decide about a client also when no method does. */
  private compileConnects(): Connect[] {
    const hasMethods = this.definition.connect.length > 0;
    return this.connectSources().flatMap((source) => compileConnect(source, hasMethods, this.context) ?? []);
  }

  private connectSources(): HandlerSource[] {
    const { connect } = this.definition;
    const defined = connect.length > 0 ? connect : [{ name: '', method: () => undefined }];
    return defined.map((method) => this.source(method));
  }

  private compileReadmits(): Connect[] {
    return this.connectSources().flatMap((source) => compileReadmit(source, this.context) ?? []);
  }

  /** The handlers for sessions that speak `protocol`, by event. */
  handlersFor(protocol: AnyProtocol | undefined): [event: string, handler: MessageHandler][] {
    return this.definition.subscriptions
      .filter(({ metadata }) => metadata.protocol === undefined || metadata.protocol === protocol)
      .map(({ metadata, ...defined }) => {
        const schema = metadata.protocol?.client[metadata.event]?.payload;
        return [
          metadata.event,
          compileHandler(this.source(defined, schema), metadata.overflow, this.context),
        ];
      });
  }

  /** @throws RefusedError (rejects) */
  async connect(session: GatewaySession): Promise<void> {
    for (const connect of this.connects) await connect(session);
  }

  /**
   * The guards, for a client that comes back.
   * @throws RefusedError (rejects)
   */
  async readmit(session: GatewaySession): Promise<void> {
    for (const readmit of this.readmits) await readmit(session);
  }

  /** Never rejects. */
  async disconnect(session: GatewaySession, details: CloseDetails): Promise<void> {
    for (const disconnect of this.disconnects) {
      await disconnect(session, details).catch((error: unknown) => {
        logError(error, `@OnDisconnect of ${this.definition.metatype.name}`, session.id);
      });
    }
  }
}
