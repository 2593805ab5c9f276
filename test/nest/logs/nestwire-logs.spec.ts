import { channel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Gateway, Subscribe, nestwireLogs } from 'nestwire';
import { type TestApp, startApp } from '../../support/test-app.js';
import { WsClient } from '../../support/ws-client.js';

@Gateway('/logged')
class LoggedGateway {
  @Subscribe('echo')
  echo(): string {
    return 'here';
  }
}

describe('structured logs', () => {
  let test: TestApp | undefined;
  let stop: () => void;
  const lines: [level: string, line: unknown][] = [];
  const at =
    (level: string) =>
    (line: unknown): void =>
      void lines.push([level, line]);
  const logger = { log: at('log'), warn: at('warn'), error: at('error') };

  afterEach(async () => {
    stop();
    lines.length = 0;
    await test?.close();
  });

  it('name the session in each line of its life, and nothing for its messages', async () => {
    stop = nestwireLogs(logger);
    test = await startApp({
      module: { providers: [LoggedGateway] },
      nestwire: { limits: { messageBytes: 100 } },
    });
    const client = await WsClient.connect(`ws://${test.address}/logged`);
    await client.request('echo');
    client.send({ event: 'echo', data: 'x'.repeat(200) });
    await client.closed;
    await test.close();

    const { sessionId } = lines[0]![1] as { sessionId: string };
    expect(sessionId).toEqual(expect.stringMatching(/./));
    expect(lines).toMatchObject([
      ['log', { event: 'session.opened', sessionId, transport: 'websocket', resumable: false }],
      ['warn', { event: 'limit.hit', limit: 'messageBytes' }],
      ['log', { event: 'session.closed', sessionId, code: 1009 }],
    ]);
  });

  it('give the message of an error only, and stop when told so', () => {
    stop = nestwireLogs(logger);
    const failed = channel('nestwire:publication.failed');
    failed.publish({ channel: 'news', error: new Error('Redis is away') });
    stop();
    failed.publish({ channel: 'news', error: 'again' });

    expect(lines).toEqual([
      ['error', { event: 'publication.failed', channel: 'news', error: 'Redis is away' }],
    ]);
  });
});
