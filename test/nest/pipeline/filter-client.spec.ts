import { describe, expect, it } from '@jest/globals';
import { filterClient } from '../../../lib/nest/pipeline/filter-client.js';
import { GatewaySession } from '../../../lib/session/index.js';
import { TestHost, openSession } from '../../support/test-session.js';

type Emitting = GatewaySession & { emit(event: string, data: unknown): void };

function clientOf(session: GatewaySession): { client: Emitting; noted: object[] } {
  const noted: object[] = [];
  return { client: filterClient(session, (data) => noted.push(data)) as Emitting, noted };
}

describe('the client as filters see it', () => {
  it('notes exceptions that are emitted, and pushes the rest', () => {
    const { session, client: peer } = openSession(new TestHost());
    const { client, noted } = clientOf(session);
    client.emit('exception', { message: 'no' });
    client.emit('exception', 'just text');
    client.emit('news', { a: 1 });

    expect(noted).toEqual([{ message: 'no' }, { message: 'just text' }]);
    expect(peer.sent).toEqual(['{"event":"news","data":{"a":1}}']);
  });

  it('is the session in all else', () => {
    const { session, client: peer } = openSession(new TestHost());
    const { client } = clientOf(session);
    client.user = 'ann';
    client.data['note'] = 1;
    client.push('hello', 1);
    client.close(4000, 'enough');

    expect(client).toBeInstanceOf(GatewaySession);
    expect([client.id, client.params, client.constructor]).toEqual([
      session.id,
      session.params,
      session.constructor,
    ]);
    expect([session.user, session.data]).toEqual(['ann', { note: 1 }]);
    expect(peer.sent).toHaveLength(1);
    session.push('too late', 1);
    expect(peer.sent).toHaveLength(1);
  });
});
