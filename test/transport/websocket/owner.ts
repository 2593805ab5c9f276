/** A connection on a played socket, and an owner that writes down what it is told. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach } from '@jest/globals';
import type {
  ConnectionEnd,
  NegotiatedExtension,
  Role,
  WebSocketError,
} from '../../../lib/protocol/websocket/index.js';
import { Connection, type ConnectionOwner } from '../../../lib/transport/websocket/connection.js';
import { type GivenConnectionOptions, connectionOptions } from '../../../lib/transport/websocket/options.js';
import { FakeSocket } from './fake-socket.js';

class Owner implements ConnectionOwner {
  readonly log: string[] = [];
  end: ConnectionEnd | undefined;
  /** Called with each message. */
  listener: (text: string) => void = () => {};

  onMessage(payload: Buffer, isBinary: boolean): void {
    this.log.push(`${isBinary ? 'binary' : 'text'} ${payload.toString()}`);
    this.listener(payload.toString());
  }
  onPing(payload: Buffer): void {
    this.log.push(`ping ${payload.toString()}`);
  }
  onPong(payload: Buffer): void {
    this.log.push(`pong ${payload.toString()}`);
  }
  onDrain(): void {
    this.log.push('drain');
  }
  onIdle(timeoutMs: number): void {
    this.log.push(`idle ${timeoutMs}`);
  }
  onFailed(error: WebSocketError): void {
    this.log.push(`failed ${error.code}: ${error.message}`);
  }
  onClosed(end: ConnectionEnd): void {
    this.log.push(`closed ${end.code}`);
    this.end = end;
  }
}

export interface Connected {
  readonly socket: FakeSocket;
  readonly owner: Owner;
  readonly connection: Connection;
}

interface ConnectOptions extends GivenConnectionOptions {
  readonly role?: Role;
  readonly extensions?: readonly NegotiatedExtension[];
}

/** Without heartbeat unless given. */
export function connected({ role = 'server', extensions = [], ...given }: ConnectOptions = {}): Connected {
  const socket = new FakeSocket();
  const owner = new Owner();
  const options = connectionOptions({ heartbeat: false, ...given });
  const connection = new Connection(socket.asSocket, role, options, owner, extensions);
  return { socket, owner, connection };
}

/** `connected` for the tests of a spec: what a test connects is closed after it. */
export function connectedInTests(): typeof connected {
  const open: Connected[] = [];
  afterEach(async () => {
    for (const { socket } of open.splice(0)) socket.destroy();
    await turn();
  });
  return (options) => {
    const connection = connected(options);
    open.push(connection);
    return connection;
  };
}
