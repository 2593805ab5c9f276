/**
 * On Nest 11, whose own adapter does not pass all of the contract: there filters emit exceptions on the client,
 * and with `WsAdapter` nobody sends them. Ours does.
 */
import { describe } from '@jest/globals';
import { ours } from './adapter-under-test.js';
import { webSocketAdapterContract } from './web-socket-adapter.contract.js';

describe.each(['Express', 'Fastify'] as const)('NestwireAdapter with Nest 11, on %s', (platform) => {
  webSocketAdapterContract(ours, platform, { instancePerClient: false });
});
