import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { GatewayEndpoint } from '../../../lib/nest/gateway/gateway-endpoint.js';
import type { HttpVisit } from '../../../lib/nest/http/http-visit.js';
import { SessionPlaces } from '../../../lib/nest/http/session-places.js';
import {
  ResumableSession,
  ResumableSessions,
  ReturningSession,
  resolveLimits,
} from '../../../lib/session/index.js';
import { Admission } from '../../../lib/transport/admission/index.js';
import { MemoryTransport } from '../../support/memory-transport.js';
import { ORIGIN, TestHost } from '../../support/test-session.js';

const limits = resolveLimits({ awaitedSessionsPerAddress: 2, awaitedSessions: 3 });

let places: SessionPlaces;
let admission: Admission;
const sessions = new ResumableSessions(limits);

beforeEach(() => {
  places = new SessionPlaces();
  admission = new Admission({ maxConnections: 4 });
});

function visit(remoteAddress = '192.0.2.1'): HttpVisit {
  const endpoint = { limits, connection: { admission } } as unknown as GatewayEndpoint;
  const request = new IncomingMessage(new Socket());
  return { endpoint, request, remoteAddress } as HttpVisit;
}

/** A session that was made, and its client's next secret. */
function make(address?: string): { session: ResumableSession; secret: string } {
  const giveBack = places.reserve(visit(address));
  const session = new ResumableSession(ORIGIN, new TestHost(), sessions);
  places.await(session, visit(address), giveBack);
  return { session, secret: session.expect().secret };
}

function arrive({ session, secret }: ReturnType<typeof make>): MemoryTransport {
  places.enter(session, visit());
  const transport = new MemoryTransport();
  new ReturningSession(ORIGIN, session, secret).attach(transport);
  return transport;
}

const refusedWith = (status: number): unknown => expect.objectContaining({ status });

describe('the places of sessions over plain HTTP', () => {
  it('of which nobody has come to are few for one address, and few for all', () => {
    const first = make();
    make();
    expect(() => make()).toThrow(refusedWith(429));
    make('192.0.2.2');
    expect(() => make('192.0.2.3')).toThrow(refusedWith(503));
    arrive(first);
    make('192.0.2.3');
  });

  it('are free again when such a session ends', () => {
    const ended = make();
    make();
    ended.session.close();
    make();
  });

  it('are those of one connection each, whether the client is there or comes again', () => {
    const made = [make(), make('192.0.2.2'), make('192.0.2.3')];
    for (const each of made) arrive(each);
    make('192.0.2.4');
    expect(() => make('192.0.2.5')).toThrow(refusedWith(503));
    expect(() => places.enter(made[0]!.session, visit())).not.toThrow();
  });

  it('are given back when the session has no connection any more, and taken again with the next one', () => {
    const { session, secret } = make();
    arrive({ session, secret }).disconnect(1006, '', false);
    places.leave(session);
    for (const address of ['192.0.2.2', '192.0.2.3', '192.0.2.4']) arrive(make(address));
    const giveUp = places.enter(session, visit());
    expect(() => make('192.0.2.5')).toThrow(refusedWith(503));
    giveUp();
    make('192.0.2.5');
  });
});
