/**
 * permessage-deflate (RFC 7692) by hand, for a raw peer: contexts that keep strictly to what was agreed, so
 * that a message of the other side which does not is noticed as broken data.
 */
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib';
import { header, type RawResponse } from './raw-peer-http.js';

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** What the server's answer says about one direction. */
export interface Direction {
  readonly windowBits: number;
  readonly takeover: boolean;
}

export interface Agreement {
  readonly server: Direction;
  readonly client: Direction;
  readonly parameters: ReadonlyMap<string, string | true>;
}

/** Reads `Sec-WebSocket-Extensions` of an answer. @throws Error when it is not one legal permessage-deflate */
export function readAgreement(response: Pick<RawResponse, 'headers'>): Agreement {
  const value = header(response, 'sec-websocket-extensions') ?? '';
  const [name, ...rest] = value.split(';').map((part) => part.trim());
  if (name !== 'permessage-deflate') throw new Error(`no permessage-deflate was agreed: "${value}"`);
  const parameters = new Map(
    rest.map((part): [string, string | true] => {
      const [key = '', bits] = part.split('=');
      return [key, bits ?? true];
    }),
  );
  if (parameters.size !== rest.length) throw new Error(`a parameter is repeated: "${value}"`);
  return { parameters, server: direction(parameters, 'server'), client: direction(parameters, 'client') };
}

function direction(parameters: Agreement['parameters'], side: 'server' | 'client'): Direction {
  const bits = parameters.get(`${side}_max_window_bits`) ?? '15';
  if (bits === true || !/^(8|9|1[0-5])$/.test(bits)) throw new Error(`a window of ${bits} bits was agreed`);
  return { windowBits: Number(bits), takeover: !parameters.has(`${side}_no_context_takeover`) };
}

/** Compresses messages one after the other. */
export class Compressor {
  private zlib: DeflateRaw | undefined;

  constructor(private readonly agreed: Direction) {}

  async compress(payload: Buffer): Promise<Buffer> {
    // zlib's smallest window for deflating is 2^9, in which distances stay below 2^8
    const windowBits = Math.max(9, this.agreed.windowBits);
    const zlib = (this.zlib ??= createDeflateRaw({ windowBits }));
    const bytes = await through(zlib, payload);
    if (!this.agreed.takeover) this.close();
    return bytes.subarray(0, bytes.length - TAIL.length);
  }

  close(): void {
    this.zlib?.close();
    this.zlib = undefined;
  }
}

/** Inflates messages one after the other. @throws Error for what the agreed window can't inflate */
export class Decompressor {
  private zlib: InflateRaw | undefined;

  constructor(private readonly agreed: Direction) {}

  async decompress(payload: Buffer): Promise<Buffer> {
    const zlib = (this.zlib ??= createInflateRaw({ windowBits: this.agreed.windowBits }));
    const bytes = await through(zlib, Buffer.concat([payload, TAIL]));
    if (!this.agreed.takeover) this.close();
    return bytes;
  }

  close(): void {
    this.zlib?.close();
    this.zlib = undefined;
  }
}

function through(zlib: DeflateRaw | InflateRaw, input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const output: Buffer[] = [];
    const take = (chunk: Buffer): void => void output.push(chunk);
    const settle = (act: () => void): void => {
      zlib.off('data', take).off('error', failed);
      act();
    };
    const failed = (error: Error): void => settle(() => reject(error));
    zlib.on('data', take).on('error', failed);
    zlib.write(input);
    zlib.flush(constants.Z_SYNC_FLUSH, () => settle(() => resolve(Buffer.concat(output))));
  });
}
