import { type Pair, RawServer } from '../support/client-under-test.js';
import { DeflatePeer, RSV1 } from '../support/deflate-peer.js';
import { readAgreement } from '../support/raw-deflate.js';
import type { RawPeer } from '../support/raw-peer.js';
import { parseResponseHead, upgradeResponse } from '../support/raw-peer-http.js';
import type { ClientOptions } from 'nestwire/websocket';
import type { DeflateRole } from './deflate-role.js';
import type { Role } from './role.js';

function echo({ client, peer }: Pair): RawPeer {
  client.on('message', (data, isBinary) => client.send(data as Buffer, { binary: isBinary }));
  client.on('error', () => {});
  return peer;
}

/** Our client is under test; the raw peer is its server. */
export class ClientRole implements Role {
  readonly underTest = 'client';
  private readonly server = new RawServer();

  constructor(private readonly options: ClientOptions = {}) {}

  start(): Promise<void> {
    return this.server.start();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  async open(): Promise<RawPeer> {
    return echo(await this.server.open({}, { heartbeat: false, ...this.options }));
  }
}

export class DeflateClientRole implements DeflateRole {
  readonly underTest = 'client';
  private readonly server = new RawServer();

  /** As the server's role has it. */
  constructor(
    private readonly options: ClientOptions = {
      perMessageDeflate: { threshold: 0 },
      maxOutboundBytes: 64 * 1024 * 1024,
    },
  ) {}

  start(): Promise<void> {
    return this.server.start();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  async open(parameters: string): Promise<DeflatePeer> {
    const pair = await this.server.ask([], { heartbeat: false, ...this.options }, { allowedRsv: RSV1 });
    const answer = ['permessage-deflate', parameters].filter((part) => part !== '').join('; ');
    const response = upgradeResponse(pair.request, { headers: { 'Sec-WebSocket-Extensions': answer } });
    pair.peer.write(response);
    const agreement = readAgreement(parseResponseHead(response.toString().trimEnd()));
    return new DeflatePeer(echo(pair), agreement, 'server');
  }
}
