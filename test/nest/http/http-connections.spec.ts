import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpConnection } from '../../../lib/nest/http/http-connection.js';
import { HttpConnections } from '../../../lib/nest/http/http-connections.js';
import {
  ResumableSession,
  ResumableSessions,
  ReturningSession,
  resolveLimits,
} from '../../../lib/session/index.js';
import { PollTransport } from '../../../lib/transport/polling/index.js';
import { ORIGIN, TestHost } from '../../support/test-session.js';

const LIMITS = { batchBytes: 1_000, absenceMs: 60_000, closeWaitMs: 1_000 };

let host: TestHost;
let session: ResumableSession;
let connections: HttpConnections;
let left: number;
const transports: PollTransport[] = [];

beforeEach(() => {
  const echoed: unknown[] = [];
  host = new TestHost().on('echo', (data) => void echoed.push(data));
  session = new ResumableSession(ORIGIN, host, new ResumableSessions(resolveLimits()));
  connections = new HttpConnections();
  left = 0;
});

afterEach(() => {
  for (const transport of transports.splice(0)) transport.terminate();
});

/** The client connects by a poll. @returns the connection, and the ticket that it was told */
function connect(secret: string): { connection: HttpConnection; ticket: { id: string; secret: string } } {
  let connection!: HttpConnection;
  new ReturningSession(ORIGIN, session, secret).attach({
    heartbeatMs: 0,
    connect: (events) => {
      connection = new HttpConnection(
        session,
        events,
        (told) => new PollTransport('long-polling', told, LIMITS),
      );
      connections.add(connection, () => left++);
      transports.push(connection.transport as PollTransport);
      return connection.transport;
    },
  });
  let introduction!: { id: string; secret: string };
  (connection.transport as PollTransport).receive({
    waitMs: 0,
    ack: undefined,
    answer: (batch) =>
      (introduction = (JSON.parse(batch!.messages[0]!) as { data: typeof introduction }).data),
  });
  const { id, secret: told } = introduction;
  return { connection, ticket: { id, secret: told } };
}

describe('a connection over plain HTTP', () => {
  it('is the one that the session has, for who knows its newest secret', () => {
    const { secret } = session.expect();
    const { connection, ticket } = connect(secret);

    expect(connections.current(ticket)).toBe(connection);
    expect(connections.current({ ...ticket, secret })).toBeUndefined();
    expect(connections.current({ id: 'other', secret: ticket.secret })).toBeUndefined();
  });

  it('can be left by a client that has not heard the newest secret', () => {
    const { secret } = session.expect();
    const { connection, ticket } = connect(secret);

    expect(connections.attached({ ...ticket, secret })).toBe(connection);
    expect(connections.attached({ ...ticket, secret: 'x'.repeat(24) })).toBeUndefined();
  });

  it('that was replaced has news for the client that used it, and for nobody else', () => {
    const older = connect(session.expect().secret);
    connections.current(older.ticket);
    const newer = connect(older.ticket.secret);

    expect(connections.leaving(older.ticket)).toBe(older.connection);
    expect(connections.leaving(newer.ticket)).toBeUndefined();
    expect(connections.current(newer.ticket)).toBe(newer.connection);
  });

  it('is forgotten when it is closed; the last one is told', () => {
    const older = connect(session.expect().secret);
    const newer = connect(older.ticket.secret);
    older.connection.transport.terminate();
    expect(left).toBe(0);
    newer.connection.transport.terminate();

    expect(left).toBe(1);
    expect(connections.attached(newer.ticket)).toBeUndefined();
  });

  it('takes each POST once, and none before its turn', () => {
    const heard: unknown[] = [];
    host.on('echo', (data) => void heard.push(data));
    const { connection } = connect(session.expect().secret);
    const post = (seq: number): void =>
      connection.take({ seq, messages: [JSON.stringify({ event: 'echo', data: seq })] });
    post(1);
    post(1);
    post(2);

    expect(heard).toEqual([1, 2]);
    expect(() => post(4)).toThrow(
      expect.objectContaining({ status: 409, body: expect.objectContaining({ expected: 3 }) }),
    );
    expect(heard).toEqual([1, 2]);
  });
});
