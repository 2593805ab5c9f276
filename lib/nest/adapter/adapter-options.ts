import type { VerifyInfo, WebSocketServerOptions } from '../../transport/websocket/index.js';

/** What a message is for the handlers: `event` names those under `@SubscribeMessage`, `data` is what they get. */
export interface ParsedMessage {
  readonly event: unknown;
  readonly data?: unknown;
}

/**
 * Reads a message: a string if it was text, else a Buffer, or what the client's `binaryType` says. What it
 * returns nothing for is dropped; what it throws is logged, and the message dropped.
 */
export type MessageParser = (
  data: string | Buffer | ArrayBuffer | Buffer[],
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- parsers written for WsAdapter say so
) => ParsedMessage | null | undefined | void;

/**
 * `verifyClient` as `ws` has it: the answer by a call, with status, message and headers of a refusal. What it
 * returns is not looked at.
 */
export type CallbackVerifyClient = (
  info: VerifyInfo,
  callback: (
    isAllowed: boolean,
    status?: number,
    message?: string,
    headers?: Readonly<Record<string, string>>,
  ) => void,
) => unknown;

/**
 * How the connections of a gateway are set up: limits, origin, heartbeat, compression, subprotocols; all those
 * of `WebSocketServer` that don't say where it listens.
 */
export interface GatewayServerOptions extends Omit<
  WebSocketServerOptions,
  'port' | 'server' | 'noServer' | 'path' | 'clientTracking' | 'verifyClient'
> {
  readonly verifyClient?: WebSocketServerOptions['verifyClient'] | CallbackVerifyClient;
}

/** What `NestwireAdapter` takes: options for all gateways. The decorator of a gateway may set others. */
export interface NestwireAdapterOptions extends GatewayServerOptions {
  /** Reads messages. Default: JSON, `{ event, data }`; what is not JSON is dropped. */
  readonly messageParser?: MessageParser;
  /**
   * Time for a shutdown, in milliseconds: requests that run are waited for half of it. Default 30,000. In an
   * application with `NestwireModule`, `limits.shutdownMs` of that holds instead.
   */
  readonly shutdownMs?: number;
  /**
   * Time over which a shutdown tells the clients one after another, at most: 5 ms for each, and never more than
   * half of `shutdownMs`. Default 15,000. In an application with `NestwireModule`, `limits.shutdownSpreadMs` of
   * that holds instead.
   */
  readonly shutdownSpreadMs?: number;
}

/** What `@WebSocketGateway` passes on. */
export interface WebSocketGatewayOptions extends GatewayServerOptions {
  /** May have parameters, `:room` and `*rest`: `request.params` has them. Default `/`, or every path on a port of its own. */
  readonly path?: string;
  /** Of socket.io; refused. */
  readonly namespace?: unknown;
}
