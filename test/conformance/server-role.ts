import type { RawPeer } from '../support/raw-peer.js';
import { type ServerOptions, ServerUnderTest } from '../support/server-under-test.js';
import type { Role } from './role.js';

/** Our server is under test; the raw peer is its client. One server serves all cases of a suite. */
export class ServerRole implements Role {
  readonly underTest = 'server';
  private server: ServerUnderTest | undefined;

  constructor(private readonly options: ServerOptions = {}) {}

  async start(): Promise<void> {
    this.server = await ServerUnderTest.start({ heartbeat: false, ...this.options });
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }

  open(): Promise<RawPeer> {
    return this.server!.open();
  }

  openInProcess(): Promise<RawPeer> {
    return this.server!.openInProcess();
  }
}

/** Without a network between: a chunk is read exactly as it was written. */
export class InProcessServerRole extends ServerRole {
  override open(): Promise<RawPeer> {
    return this.openInProcess();
  }
}
