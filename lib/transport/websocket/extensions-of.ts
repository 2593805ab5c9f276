import type { Extension } from '../../protocol/websocket/index.js';
import type { PerMessageDeflateOptions } from './deflate/deflate-options.js';
import { perMessageDeflate } from './deflate/permessage-deflate.js';

/** The extensions that options of a server or client ask for, compression first. */
export function extensionsOf(options: {
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions;
  readonly extensions?: readonly Extension[];
}): Extension[] {
  const { perMessageDeflate: deflate = false, extensions = [] } = options;
  if (deflate === false) return [...extensions];
  return [perMessageDeflate(deflate === true ? {} : deflate), ...extensions];
}
