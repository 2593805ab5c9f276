/** An event stream compressed by gzip: each write is flushed, so that no event waits for the next. */
import { constants, createGzip } from 'node:zlib';
import type { HttpRequest, HttpResponse } from './http-message.js';

export interface CompressedWay {
  readonly encoding: 'gzip';
  /** Given to `write`, and not with the response yet. */
  readonly queuedBytes: number;
  write(text: string): void;
  end(): void;
  destroy(): void;
}

/** A quarter of the memory of zlib's defaults: a stream is held for hours, and events are small. */
const WINDOW_BITS = 13;
const MEM_LEVEL = 6;

/**
 * @param taken called whenever something has left
 * @returns undefined unless the client accepts it
 */
export function compress(
  request: HttpRequest,
  response: HttpResponse,
  taken: () => void,
): CompressedWay | undefined {
  if (!acceptsGzip(request.headers['accept-encoding'])) return undefined;
  const { Z_SYNC_FLUSH } = constants;
  const gzip = createGzip({ flush: Z_SYNC_FLUSH, windowBits: WINDOW_BITS, memLevel: MEM_LEVEL });
  let queuedBytes = 0;
  gzip.on('data', (chunk: Buffer) => response.write(chunk, taken));
  gzip.on('end', () => response.end());
  gzip.on('error', () => response.destroy());
  return {
    encoding: 'gzip',
    get queuedBytes() {
      return queuedBytes;
    },
    write(text) {
      queuedBytes += text.length;
      gzip.write(text, () => {
        queuedBytes -= text.length;
        taken();
      });
    },
    end: () => void gzip.end(),
    destroy: () => void gzip.destroy(),
  };
}

/** RFC 9110 §12.5.3: named, or by `*`, and not with a weight of 0. */
function acceptsGzip(header: string | string[] | undefined): boolean {
  const codings = [header ?? []].flat().join(',').toLowerCase().split(',');
  const weights = new Map(
    codings.map((coding) => {
      const [name = '', ...parameters] = coding.split(';').map((part) => part.trim());
      return [name, !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))] as const;
    }),
  );
  return weights.get('gzip') ?? weights.get('*') ?? false;
}
