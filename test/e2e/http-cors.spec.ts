/** Pages of another origin, in a browser that asks before it sends anything. */
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { CurrentSession, Gateway, GatewaySession, Subscribe, defineProtocol } from 'nestwire';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';

@Injectable()
class CookieGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const session = context.switchToWs().getClient<GatewaySession>();
    const [, name] = /sid=(\w+)/.exec(session.headers.cookie ?? '') ?? [];
    if (name === undefined) throw new UnauthorizedException();
    session.user = name;
    return true;
  }
}

@Gateway({ path: '/who', protocol: defineProtocol('who.v1', { client: {}, server: {} }) })
@UseGuards(CookieGuard)
class WhoGateway {
  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    return session.user;
  }
}

interface Told {
  readonly protocol: string | null;
  readonly answers: unknown[];
  readonly statuses: number[];
}

/** In the page: a session made, asked by POST, heard by stream and poll, and ended; all with cookies. */
async function visit(url: string): Promise<Told> {
  const answers: unknown[] = [];
  const statuses: number[] = [];
  let ticket = 'new';
  const ask = async (method: string, headers = {}, body?: unknown, query = ''): Promise<Response> => {
    const response = await fetch(url + query, {
      method,
      credentials: 'include',
      headers: { 'Nestwire-Session': ticket, 'Nestwire-Protocol': 'who.v1', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    statuses.push(response.status);
    return response;
  };
  const hear = (message: { event: string; data: { id: string; secret: string } }): void => {
    if (message.event === 'nestwire:session') ticket = `${message.data.id}.${message.data.secret}`;
    else answers.push(message);
  };
  const hearAll = async (response: Response): Promise<number> => {
    const { messages, batch } = (await response.json()) as {
      messages: Parameters<typeof hear>[0][];
      batch: number;
    };
    messages.forEach(hear);
    return batch;
  };
  const json = { 'Content-Type': 'application/nestwire+json' };

  const created = await ask('POST');
  const protocol = created.headers.get('Nestwire-Protocol');
  await hearAll(created);
  const polled = { Accept: 'application/json', Prefer: 'wait=5' };
  const batch = await hearAll(await ask('GET', polled));
  await ask('POST', json, { seq: 1, messages: [{ event: 'who', id: 1 }] });
  await hearAll(await ask('GET', polled, undefined, `?ack=${batch}`));

  const stream = (await ask('GET', { Accept: 'text/event-stream' })).body!.getReader();
  const { value } = (await stream.read()) as { value: Uint8Array };
  hear(JSON.parse(new TextDecoder().decode(value).replace(/^data: /, '')) as Parameters<typeof hear>[0]);
  await ask('DELETE');
  return { protocol, answers, statuses };
}

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser.close());

describe.each<Platform>(['Express', 'Fastify'])(
  'A page of another origin, with a gateway on %s',
  (platform) => {
    let page: Page;
    let pages: Server;
    let running: TestApp;
    let url: string;

    beforeEach(async () => {
      pages = createServer((_, response) =>
        response.setHeader('Content-Type', 'text/html').end('<!doctype html>'),
      );
      await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
      const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
      running = await startApp({
        platform,
        module: { providers: [WhoGateway, CookieGuard] },
        nestwire: { origin: [origin], limits: { closeWaitMs: 100 } },
        prepare: (app) =>
          app.enableCors({
            origin,
            credentials: true,
            methods: ['GET', 'POST', 'DELETE'],
            allowedHeaders: [
              'Nestwire-Session',
              'Nestwire-Protocol',
              'Authorization',
              'Content-Type',
              'Prefer',
            ],
            exposedHeaders: ['Nestwire-Protocol', 'Retry-After'],
          }),
      });
      url = `http://${running.address}/who`;
      page = await browser.newPage();
      await page.context().addCookies([{ name: 'sid', value: 'ann', url }]);
      await page.goto(origin);
    });

    afterEach(async () => {
      await page.close();
      await running.close();
      pages.closeAllConnections();
      pages.close();
    });

    it('reaches it with cookies, where the application allows its origin and credentials', async () => {
      expect(await page.evaluate(visit, url)).toEqual({
        protocol: 'who.v1',
        answers: [{ event: 'who', id: 1, data: 'ann' }],
        statuses: [201, 200, 202, 200, 200, 204],
      });
    });

    it('is told that its cookie is missing', async () => {
      await page.context().clearCookies();
      const status = await page.evaluate(async (target) => {
        const headers = { 'Nestwire-Session': 'new', 'Nestwire-Protocol': 'who.v1' };
        return (await fetch(target, { method: 'POST', credentials: 'include', headers })).status;
      }, url);
      expect(status).toBe(401);
    });

    it('never gets so far as to send anything from an origin that is not allowed', async () => {
      let requests = 0;
      running.server.on('request', ({ method }) => (requests += method === 'OPTIONS' ? 0 : 1));
      await page.goto(page.url().replace('127.0.0.1', 'localhost'));
      const failure = await page.evaluate(
        (target) =>
          fetch(target, {
            method: 'POST',
            credentials: 'include',
            headers: { 'Nestwire-Session': 'new' },
          }).then(
            () => 'sent',
            (error: unknown) => (error as Error).name,
          ),
        url,
      );
      expect([failure, requests]).toEqual(['TypeError', 0]);
    });
  },
);
