/** Where `NestwireAdapter` differs from `WsAdapter`: what to look at. What is seen is in the spec. */
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { OnModuleInit } from '@nestjs/common';
import { config } from 'rxjs';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { WebSocketServer } from 'ws';
import { exchange, handshake } from '../../support/raw-http.js';
import type { TestApp } from '../../support/test-app.js';
import { RefusedHandshake, WsClient } from '../../support/ws-client.js';
import type { GatewayApp } from './adapter-under-test.js';
import { freePort } from '../../support/free-port.js';
import type { Client } from './gateways.js';

const disconnects: unknown[] = [];

@WebSocketGateway({ path: '/echo' })
class EchoGateway {
  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown): unknown {
    return data;
  }

  @SubscribeMessage('cycle')
  cycle(): object {
    const cycle: { self?: object } = {};
    cycle.self = cycle;
    return cycle;
  }

  @SubscribeMessage('function')
  function(): () => void {
    return () => {};
  }

  /** As the filters of Nest 11 do, and those that were written like them. */
  @SubscribeMessage('exception')
  exception(@ConnectedSocket() client: EventEmitter): void {
    client.emit('exception', { status: 'error', message: 'no' });
  }

  handleDisconnect(_client: Client, reason: unknown): void {
    disconnects.push(reason);
  }
}

/** Echoes too, if it gets to that. */
@WebSocketGateway({ path: '/throws' })
class ThrowingGateway extends EchoGateway {
  handleConnection(): void {
    throw new Error('no');
  }
}

const forgotten = new EventEmitter();

@WebSocketGateway({ path: '/forgets' })
class ForgetfulGateway {
  handleDisconnect(): void {
    forgotten.emit('left');
    throw new Error('forgot');
  }
}

/** Looked at by nobody, it must not reject: that would be an unhandled rejection, and the end of the test. */
const rejecting = {
  then(_resolve: unknown, reject: (error: Error) => void): void {
    reject(new Error('no'));
  },
};

@WebSocketGateway({ path: '/rejects' })
class RejectingGateway extends EchoGateway {
  handleConnection(): unknown {
    return rejecting;
  }
}

@WebSocketGateway({ path: '/rooms/:room' })
class RoomGateway {
  handleConnection(client: Client, request: IncomingMessage & { params?: { room: string } }): void {
    client.send(JSON.stringify({ room: request.params?.room }));
  }
}

export type Observe = (start: (app: GatewayApp) => Promise<TestApp>) => Promise<unknown>;

const startEcho: GatewayApp = { gateways: [EchoGateway] };

/** What became of a client: an echo, or the code it was closed with. */
const echoOrCode = (client: WsClient, data: unknown = 'echo'): Promise<unknown> => {
  client.send({ event: 'echo', data });
  return Promise.race([client.next().then(() => 'echo'), client.closed.then(({ code }) => code)]);
};

/** What was thrown where nobody catches it, instead of ending the process. */
async function uncaught(work: () => Promise<unknown>): Promise<unknown[]> {
  const errors: unknown[] = [];
  const before = config.onUnhandledError;
  config.onUnhandledError = (error: Error) => void errors.push(error.name);
  try {
    const seen = await work();
    // RxJS throws what nobody caught in a timer: ours comes behind it, since it is as long and begins later
    await pause(1);
    return [seen, ...errors];
  } finally {
    config.onUnhandledError = before;
  }
}

/** A connection that was closed instead of answered, however the system tells of that. */
const noAnswer = (error: unknown): string =>
  error instanceof RefusedHandshake ? error.message : 'no answer';

export const closeCodeAtShutdown: Observe = async (start) => {
  const { address, close } = await start(startEcho);
  const client = await WsClient.connect(`ws://${address}/echo`);
  await close();
  return (await client.closed).code;
};

export const throwingHandleConnection: Observe = async (start) => {
  const { address } = await start({ gateways: [ThrowingGateway] });
  return uncaught(async () => echoOrCode(await WsClient.connect(`ws://${address}/throws`)));
};

export const throwingHandleDisconnect: Observe = async (start) => {
  const { address } = await start({ gateways: [ForgetfulGateway] });
  return uncaught(async () => {
    const client = await WsClient.connect(`ws://${address}/forgets`);
    const left = once(forgotten, 'left');
    client.terminate();
    await left;
    return 'left';
  });
};

export const rejectingHandleConnection: Observe = async (start) => {
  const { address } = await start({ gateways: [RejectingGateway] });
  return echoOrCode(await WsClient.connect(`ws://${address}/rejects`));
};

export const resultThatIsNoJson: Observe = async (start) => {
  const { address } = await start(startEcho);
  return uncaught(async () => {
    const client = await WsClient.connect(`ws://${address}/echo`);
    client.send({ event: 'cycle' });
    client.send({ event: 'echo', data: 'echo' });
    const first = await client.next();
    await client.close();
    return first;
  });
};

export const resultThatIsAFunction: Observe = async (start) => {
  const { address } = await start(startEcho);
  const client = await WsClient.connect(`ws://${address}/echo`);
  client.socket.removeAllListeners('message');
  const received = once(client.socket, 'message') as Promise<[Buffer]>;
  client.send({ event: 'function' });
  const [message] = await received;
  await client.close();
  return message.toString();
};

export const emittedException: Observe = async (start) => {
  const { address } = await start(startEcho);
  const client = await WsClient.connect(`ws://${address}/echo`);
  client.send({ event: 'exception' });
  client.send({ event: 'echo', data: 'echo' });
  const first = await client.next();
  await client.close();
  return first;
};

export const unknownPath: Observe = async (start) => {
  const { address } = await start(startEcho);
  const answer = await exchange(address, handshake(address, { path: '/unknown' }));
  return answer.split('\r\n', 1)[0];
};

export const foreignUpgradeListener: Observe = async (start) => {
  const foreign = new WebSocketServer({ noServer: true });
  const { address, server } = await start(startEcho);
  listen(server, foreign);
  try {
    const client = await WsClient.connect(`ws://${address}/foreign`);
    const message = await client.next();
    await client.close();
    return message;
  } catch (error) {
    return noAnswer(error);
  } finally {
    foreign.close();
  }
};

/** As other libraries do, which share the server and come later. */
function listen(server: HttpServer, foreign: WebSocketServer): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url !== '/foreign' || socket.destroyed) return;
    foreign.handleUpgrade(request, socket, head, (client) => client.send('{"event":"foreign"}'));
  });
}

export const foreignOrigin: Observe = async (start) => {
  const { address } = await start(startEcho);
  return WsClient.connect(`ws://${address}/echo`, [], { Origin: 'https://elsewhere.example' }).then(
    (client) => client.close().then(() => 101),
    (refused: unknown) => (refused as RefusedHandshake).status,
  );
};

export const largeMessage: Observe = async (start) => {
  const { address } = await start(startEcho);
  const client = await WsClient.connect(`ws://${address}/echo`);
  const seen = await echoOrCode(client, 'x'.repeat(300 * 1024));
  client.terminate();
  return seen;
};

export const reasonOfDisconnect: Observe = async (start) => {
  const { address, close } = await start(startEcho);
  const client = await WsClient.connect(`ws://${address}/echo`);
  client.socket.close(4001, 'bye');
  await client.closed;
  await close();
  return disconnects.pop();
};

export const pathWithParameters: Observe = async (start) => {
  const { address } = await start({ gateways: [RoomGateway] });
  return WsClient.connect(`ws://${address}/rooms/blue/`).then(async (client) => {
    const message = await client.next();
    await client.close();
    return message;
  }, noAnswer);
};

export const earlyClient: Observe = async (start) => {
  const port = await freePort();

  @WebSocketGateway(port, { path: '/early' })
  class EarlyGateway extends EchoGateway implements OnModuleInit {
    seen: unknown;

    async onModuleInit(): Promise<void> {
      this.seen = await WsClient.connect(`ws://127.0.0.1:${port}/early`).then(
        (client) => client.close().then(() => 101),
        (refused: unknown) => (refused as RefusedHandshake).status,
      );
    }
  }
  const { app } = await start({ gateways: [EarlyGateway] });
  return app.get(EarlyGateway).seen;
};

export const offeredSubprotocol: Observe = async (start) => {
  const { address } = await start(startEcho);
  return WsClient.connect(`ws://${address}/echo`, ['chat']).then(
    (client) => client.close().then(() => client.socket.protocol),
    (error: unknown) => (error as Error).message,
  );
};
