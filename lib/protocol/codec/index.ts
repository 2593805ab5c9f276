export type { BodyFormat, Codec, Encoded, PublicationMessage, ServerMessage } from './codec.js';
export { encodeException } from './encode-exception.js';
export { json } from './json.js';
export { type MessagePackLibrary, msgpack } from './msgpack.js';
export { raw } from './raw.js';
