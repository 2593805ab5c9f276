import { InvalidChannelNameError } from './errors.js';

/** Whatever has a channel's name: a string, or a `Channel`. */
export type ChannelName = string | { readonly name: string };

const MAX_NAME_BYTES = 255;

/**
 * Names often come from clients: one that is no name is their mistake, not the server's.
 * @throws InvalidChannelNameError unless it is a string of 1 to 255 bytes of UTF-8
 */
export function readChannelName(channel: unknown): string {
  const name =
    typeof channel === 'string' ? channel : (channel as { name?: unknown } | undefined | null)?.name;
  if (typeof name !== 'string') throw new InvalidChannelNameError('a channel name must be a string');
  const bytes = Buffer.byteLength(name);
  if (bytes < 1 || bytes > MAX_NAME_BYTES) {
    throw new InvalidChannelNameError(`a channel name has 1 to ${MAX_NAME_BYTES} bytes, not ${bytes}`);
  }
  return name;
}
