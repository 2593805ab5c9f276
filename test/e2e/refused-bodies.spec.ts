/** POSTs that are refused while their bodies are still on the way. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnauthorizedException, UseGuards } from '@nestjs/common';
import { Gateway } from 'nestwire';
import { EarlyAnswer } from '../support/early-answer.js';
import { HttpGatewayClient } from '../support/http-gateway-client.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';

const MIB = 1024 * 1024;
const JSON_TYPE = { 'Content-Type': 'application/nestwire+json' };

class NobodyGuard {
  canActivate(): boolean {
    throw new UnauthorizedException();
  }
}

@Gateway('/open')
class OpenGateway {}

@Gateway('/closed')
@UseGuards(NobodyGuard)
class ClosedGateway {}

describe.each<Platform>(['Express', 'Fastify'])('A POST that is refused early on %s', (platform) => {
  let running: TestApp;
  let client: HttpGatewayClient;
  let ticket: string;

  beforeAll(async () => {
    running = await startApp({ platform, module: { providers: [OpenGateway, ClosedGateway, NobodyGuard] } });
    client = new HttpGatewayClient(`http://${running.address}/open`);
    await client.create();
    await client.poll();
    ({ ticket } = client);
  });

  afterAll(async () => {
    await client.request('DELETE', {});
    await running.close();
  });

  const foreign = (): string => ticket.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));

  const post = (path: string, headers: Record<string, string>, first?: string): Promise<EarlyAnswer> => {
    const all = Object.entries({ Host: running.address, ...headers });
    const lines = all.map(([name, value]) => `${name}: ${value}\r\n`);
    return EarlyAnswer.ask(running.address, `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, first);
  };

  it.each([
    [413, 'for its length', '/open', () => ({ 'Nestwire-Session': ticket, ...JSON_TYPE })],
    [413, 'for what its client brings along', '/open', () => ({ 'Nestwire-Session': 'new', ...JSON_TYPE })],
    [415, 'for its type', '/open', () => ({ 'Nestwire-Session': ticket, 'Content-Type': 'text/plain' })],
    [403, 'for its origin', '/open', () => ({ 'Nestwire-Session': 'new', Origin: 'http://other.example' })],
    [404, 'for its session', '/open', () => ({ 'Nestwire-Session': foreign(), ...JSON_TYPE })],
    [401, 'by a guard', '/closed', () => ({ 'Nestwire-Session': 'new' })],
  ])('with %i %s is answered, and not reset', async (status, _, path, headers) => {
    const answer = await post(path, { ...headers(), 'Content-Length': `${2 * MIB}` });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ statusCode: status });

    await answer.goOn(Buffer.alloc(2 * MIB));
    expect(answer.error).toBeUndefined();
  });

  it('with 413 when it turns out to be too long is answered, and not reset', async () => {
    const headers = { 'Nestwire-Session': ticket, ...JSON_TYPE, 'Transfer-Encoding': 'chunked' };
    const chunk = `80000\r\n${'x'.repeat(0x80000)}\r\n`;
    const answer = await post('/open', headers, chunk);
    expect(answer.status).toBe(413);

    await answer.goOn(`${chunk}${chunk}0\r\n\r\n`);
    expect(answer.error).toBeUndefined();
  });

  it('keeps its connection when all of its body had come', async () => {
    const headers = { 'Nestwire-Session': ticket, ...JSON_TYPE, 'Content-Length': '2' };
    const answer = await post('/open', headers, '{}');
    expect(answer.status).toBe(400);
    expect(answer.head).not.toMatch(/^connection: close$/im);
    answer.socket.destroy();
  });
});
