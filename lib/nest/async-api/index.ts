export { type AsyncApiChannel, type AsyncApiDocument, type AsyncApiOptions, asyncApi } from './async-api.js';
export type { JsonSchema, ToJsonSchema } from './json-schema.js';
export type { Message as AsyncApiMessage } from './message-schemas.js';
