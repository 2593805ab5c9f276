/**
 * Contexts that all connections without context takeover share: each call starts them afresh, and since a
 * call is synchronous, one for each set of parameters is enough.
 */
import { Deflater, type DeflaterOptions, Inflater, type InflaterOptions } from './sync-zlib.js';

/** Large enough that most messages come out in one piece. */
const SHARED_CHUNK_BYTES = 64 * 1024;

const deflaters = new Map<string, Deflater>();
const inflaters = new Map<string, Inflater>();

/** Compresses with an empty window. */
export function deflateAfresh(message: Buffer, options: Omit<DeflaterOptions, 'chunkSize'>): Buffer {
  const key = `${options.windowBits}/${options.level}/${options.memLevel}`;
  const deflater = deflaters.get(key) ?? new Deflater({ ...options, chunkSize: SHARED_CHUNK_BYTES });
  deflaters.set(key, deflater);
  deflater.reset();
  return deflater.deflate(message);
}

/** Inflates with an empty window. @throws as `Inflater.inflate` */
export function inflateAfresh(input: Buffer, options: Omit<InflaterOptions, 'chunkSize'>): Buffer {
  const key = `${options.windowBits}/${options.maxOutputLength}`;
  const inflater = inflaters.get(key) ?? new Inflater({ ...options, chunkSize: SHARED_CHUNK_BYTES });
  inflaters.set(key, inflater);
  inflater.reset();
  try {
    return inflater.inflate(input);
  } catch (error) {
    inflaters.delete(key);
    inflater.close();
    throw error;
  }
}
