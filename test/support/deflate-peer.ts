/** A raw peer that has agreed on permessage-deflate. */
import { binary, inFragmentsOf, text, type FrameSpec } from './raw-peer-frames.js';
import { type Agreement, Compressor, Decompressor } from './raw-deflate.js';
import type { Received } from './raw-peer-reader.js';
import type { RawPeer } from './raw-peer.js';

export const RSV1 = 4;

export class DeflatePeer {
  private readonly compressor: Compressor;
  private readonly decompressor: Decompressor;

  /** @param role the side that this peer plays */
  constructor(
    readonly raw: RawPeer,
    readonly agreement: Agreement,
    role: 'client' | 'server' = 'client',
  ) {
    const other = role === 'client' ? 'server' : 'client';
    this.compressor = new Compressor(agreement[role]);
    this.decompressor = new Decompressor(agreement[other]);
  }

  /** The frames of a compressed message. */
  async frames(
    kind: 'text' | 'binary',
    content: string | Buffer,
    fragmentBytes = Infinity,
  ): Promise<FrameSpec[]> {
    const compressed = await this.compressor.compress(Buffer.from(content));
    const [first, ...rest] = inFragmentsOf(fragmentBytes, (kind === 'text' ? text : binary)(compressed));
    return [{ ...first!, rsv: RSV1 }, ...rest];
  }

  async send(kind: 'text' | 'binary', content: string | Buffer, fragmentBytes?: number): Promise<void> {
    await this.raw.send(await this.frames(kind, content, fragmentBytes));
  }

  /** The next message or control frame, inflated where it came compressed. */
  async next(): Promise<Received> {
    const received = await this.raw.next();
    return received.rsv === RSV1 ? this.inflated(received) : received;
  }

  async untilEnded(): Promise<Received[]> {
    const inflated: Received[] = [];
    for (const one of await this.raw.untilEnded()) {
      inflated.push(one.rsv === RSV1 ? await this.inflated(one) : one);
    }
    return inflated;
  }

  private async inflated(received: Received): Promise<Received> {
    return { ...received, payload: await this.decompressor.decompress(received.payload) };
  }

  destroy(): void {
    this.compressor.close();
    this.decompressor.close();
    this.raw.destroy();
  }
}
