import { RawPeer } from '../support/raw-peer.js';
import { DeflatePeer, RSV1 } from '../support/deflate-peer.js';
import { readAgreement } from '../support/raw-deflate.js';
import { type ServerOptions, ServerUnderTest } from '../support/server-under-test.js';

/** An echoing endpoint that agrees on permessage-deflate. */
export interface DeflateRole {
  readonly underTest: 'server' | 'client';
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @param parameters what the raw peer says of the extension: offers as a client, answers as a server */
  open(parameters: string): Promise<DeflatePeer>;
}

export class DeflateServerRole implements DeflateRole {
  readonly underTest = 'server';
  private server: ServerUnderTest | undefined;

  /** Everything sent at once is answered at once: more than what may wait for a slow peer by default. */
  constructor(
    private readonly options: ServerOptions = {
      perMessageDeflate: { threshold: 0 },
      maxOutboundBytes: 64 * 1024 * 1024,
    },
  ) {}

  async start(): Promise<void> {
    this.server = await ServerUnderTest.start({ heartbeat: false, ...this.options });
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }

  async open(parameters: string): Promise<DeflatePeer> {
    const raw = await RawPeer.connect(this.server!.port, { allowedRsv: RSV1 });
    const offer = ['permessage-deflate', parameters].filter((part) => part !== '').join('; ');
    const response = await raw.upgrade({ headers: { 'Sec-WebSocket-Extensions': offer } });
    return new DeflatePeer(raw, readAgreement(response));
  }
}
