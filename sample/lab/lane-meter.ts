/**
 * What each lane costs, counted on the server's sockets.
 *
 * Theory of operation. A socket counts its bytes itself, but one that is kept alive serves one request after the
 * other, of this lane and of that. HTTP/1.1 of browsers has one request at a time on a socket, so whatever was
 * counted since the request before belongs to the one at hand: each socket has a mark up to which its bytes are
 * accounted for, which moves whenever a request ends, whoever's it was, or the figures are asked for. So all requests
 * have to be followed: also those for files of the page, which never come as far as Nest's middleware.
 */
import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type Cost, Lane, RunId } from './lab.protocol.js';

interface Mark {
  sent: number;
  received: number;
}

interface Account {
  requests: number;
  sentBytes: number;
  receivedBytes: number;
  readonly sockets: Set<Socket>;
}

/** Lanes whose costs are remembered; the oldest goes first. */
const MAX_ACCOUNTS = 1000;

@Injectable()
export class LaneMeter implements OnModuleInit {
  private readonly accounts = new Map<string, Account>();
  private readonly marks = new WeakMap<Socket, Mark>();

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getHttpServer() as Server;
    // Nestwire emits it for upgrades, too
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
      this.follow(request, response),
    );
  }

  costOf(run: string, lane: Lane): Cost | undefined {
    const account = this.accounts.get(keyOf(run, lane));
    if (!account) return undefined;
    for (const socket of account.sockets) this.settle(socket, account);
    const { requests, sentBytes, receivedBytes } = account;
    return { requests, sentBytes, receivedBytes };
  }

  /** The connections that a run has now. */
  socketsOf(run: string): Socket[] {
    return Lane.options.flatMap((lane) => [...(this.accounts.get(keyOf(run, lane))?.sockets ?? [])]);
  }

  /** To its end, so that its bytes are nobody else's. */
  private follow(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const account = this.accountOf(request);
    if (account) {
      account.requests++;
      account.sockets.add(socket);
    }
    const isUpgrade = request.headers.upgrade !== undefined;
    const over = () => {
      this.settle(socket, account);
      account?.sockets.delete(socket);
    };
    if (isUpgrade) socket.once('close', over);
    else response.once('close', over);
  }

  private accountOf(request: IncomingMessage): Account | undefined {
    const place = placeOf(request);
    if (!place) return undefined;
    const key = keyOf(place.run, place.lane);
    const account = this.accounts.get(key) ?? {
      requests: 0,
      sentBytes: 0,
      receivedBytes: 0,
      sockets: new Set(),
    };
    this.accounts.set(key, account);
    if (this.accounts.size > MAX_ACCOUNTS) this.accounts.delete(this.accounts.keys().next().value!);
    return account;
  }

  private settle(socket: Socket, account: Account | undefined): void {
    const mark = this.marks.get(socket) ?? { sent: 0, received: 0 };
    if (account) {
      account.sentBytes += socket.bytesWritten - mark.sent;
      account.receivedBytes += socket.bytesRead - mark.received;
    }
    this.marks.set(socket, { sent: socket.bytesWritten, received: socket.bytesRead });
  }
}

/** The lane that a request to the lab's gateway names in its query. */
export function placeOf({
  url = '',
  originalUrl = url,
}: IncomingMessage & { originalUrl?: string }): { run: string; lane: Lane } | undefined {
  const { pathname, searchParams } = new URL(originalUrl, 'http://lab');
  const run = RunId.safeParse(searchParams.get('run'));
  const lane = Lane.safeParse(searchParams.get('lane'));
  return pathname === '/lab' && run.success && lane.success ? { run: run.data, lane: lane.data } : undefined;
}

function keyOf(run: string, lane: Lane): string {
  return `${run} ${lane}`;
}
