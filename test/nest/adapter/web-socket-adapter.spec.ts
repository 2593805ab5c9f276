import { afterEach, describe, expect, it } from '@jest/globals';
import type { TestApp } from '../../support/test-app.js';
import { ours, startWith, stock } from './adapter-under-test.js';
import * as differences from './differences.js';
import { webSocketAdapterContract } from './web-socket-adapter.contract.js';

describe.each([stock, ours])('$name', (adapter) => {
  describe.each(['Express', 'Fastify'] as const)('on %s', (platform) => {
    webSocketAdapterContract(adapter, platform, { instancePerClient: true });
  });
});

interface Difference {
  readonly what: string;
  readonly observe: differences.Observe;
  readonly WsAdapter: unknown;
  readonly NestwireAdapter: unknown;
}

const FAILED = { event: 'exception', data: { status: 'error', message: 'Internal server error' } };

/** All that are known but for those of the WebSocket core, which docs/websocket.md lists. */
const table: Difference[] = [
  {
    what: 'the close code that clients see when the application closes',
    observe: differences.closeCodeAtShutdown,
    WsAdapter: 1006,
    NestwireAdapter: 1012,
  },
  {
    what: 'what becomes of a client whose handleConnection throws, and what is uncaught',
    observe: differences.throwingHandleConnection,
    WsAdapter: ['echo', 'Error'],
    NestwireAdapter: [1011],
  },
  {
    what: 'what becomes of a client whose handleConnection rejects',
    observe: differences.rejectingHandleConnection,
    WsAdapter: 'echo',
    NestwireAdapter: 1011,
  },
  {
    what: 'what is uncaught when handleDisconnect throws',
    observe: differences.throwingHandleDisconnect,
    WsAdapter: ['left', 'Error'],
    NestwireAdapter: ['left'],
  },
  {
    what: 'what a client gets for a result that is a function',
    observe: differences.resultThatIsAFunction,
    WsAdapter: '',
    NestwireAdapter: JSON.stringify(FAILED),
  },
  {
    what: 'the status for a client of a port of its own, while onModuleInit runs',
    observe: differences.earlyClient,
    WsAdapter: 101,
    NestwireAdapter: 503,
  },
  {
    what: 'what a client gets for a result that is no JSON, and what is uncaught',
    observe: differences.resultThatIsNoJson,
    WsAdapter: ['echo', 'TypeError'],
    NestwireAdapter: [FAILED],
  },
  {
    what: "what a client gets for client.emit('exception', …), as the filters of Nest 11 have it",
    observe: differences.emittedException,
    WsAdapter: 'echo',
    NestwireAdapter: { event: 'exception', data: { status: 'error', message: 'no' } },
  },
  {
    what: 'the second argument of handleDisconnect',
    observe: differences.reasonOfDisconnect,
    WsAdapter: 4001,
    NestwireAdapter: { code: 4001, reason: 'bye', clean: true },
  },
  {
    what: 'the answer on a path that is not served',
    observe: differences.unknownPath,
    WsAdapter: '',
    NestwireAdapter: 'HTTP/1.1 404 Not Found',
  },
  {
    what: 'what another upgrade listener of the server can serve',
    observe: differences.foreignUpgradeListener,
    WsAdapter: 'no answer',
    NestwireAdapter: { event: 'foreign' },
  },
  {
    what: 'a path with a parameter, and with a slash behind it',
    observe: differences.pathWithParameters,
    WsAdapter: 'no answer',
    NestwireAdapter: { room: 'blue' },
  },
  {
    what: 'the status for a page of another origin',
    observe: differences.foreignOrigin,
    WsAdapter: 101,
    NestwireAdapter: 403,
  },
  {
    what: 'what becomes of a message of 300 KiB',
    observe: differences.largeMessage,
    WsAdapter: 'echo',
    NestwireAdapter: 1009,
  },
  {
    what: 'the answer to a subprotocol that the gateway does not name',
    observe: differences.offeredSubprotocol,
    WsAdapter: 'chat',
    NestwireAdapter: 'Server sent no subprotocol',
  },
];

describe('where the adapters differ:', () => {
  let running: TestApp | undefined;

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  describe.each([stock, ours])('$name', (adapter) => {
    it.each(table)('$what', async ({ observe, [adapter.name]: expected }) => {
      const seen = await observe(async (app) => (running = await startWith(adapter, app)));

      expect(seen).toEqual(expected);
    });
  });
});
