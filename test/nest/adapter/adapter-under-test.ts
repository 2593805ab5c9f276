import type { INestApplication, ModuleMetadata, Type, WebSocketAdapter } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { NestwireAdapter } from 'nestwire';
import { type Platform, type TestApp, startApp } from '../../support/test-app.js';

/** A parser that both adapters take: `<event> <text>` instead of JSON. */
export type TextParser = (data: unknown) => { event: string; data: unknown };

export interface AdapterUnderTest {
  readonly name: 'WsAdapter' | 'NestwireAdapter';
  make(app: INestApplication, options?: { messageParser: TextParser }): WebSocketAdapter;
}

export const stock: AdapterUnderTest = {
  name: 'WsAdapter',
  make: (app, options) => new WsAdapter(app, options),
};

export const ours: AdapterUnderTest = {
  name: 'NestwireAdapter',
  make: (app, options) => new NestwireAdapter(app, options),
};

export interface GatewayApp {
  readonly gateways: Type[];
  readonly platform?: Platform;
  readonly messageParser?: TextParser;
  readonly module?: ModuleMetadata;
  readonly prepare?: (app: INestApplication) => void;
}

/** An application whose gateways are served by that adapter. */
export function startWith(
  adapter: AdapterUnderTest,
  { gateways, platform, messageParser, module, prepare }: GatewayApp,
): Promise<TestApp> {
  return startApp({
    module: { ...module, providers: [...gateways, ...(module?.providers ?? [])] },
    platform: platform ?? 'Express',
    prepare: (app) => {
      app.useWebSocketAdapter(adapter.make(app, messageParser && { messageParser }));
      prepare?.(app);
    },
  });
}
