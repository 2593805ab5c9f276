import type { IncomingMessage } from 'node:http';

/**
 * Path and query of a request. Platforms cut the path that a middleware is mounted on off `url`, and give it back
 * with `next` only: Fastify does so with gateways.
 */
export const urlAsSent = (request: IncomingMessage & { originalUrl?: string | undefined }): string =>
  request.originalUrl ?? request.url ?? '';
