/** What parameter decorators find in a request that no router of Nest's has prepared. */
import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { queryOf } from '../../session/index.js';
import { pathOf } from '../../transport/websocket/index.js';
import type { PathPattern } from '../gateway/path-pattern.js';
import { urlAsSent } from '../url-as-sent.js';

interface PreparedRequest extends IncomingMessage {
  originalUrl?: string;
  params?: object;
  query?: object;
  ip?: string;
}

/** Nest's numbers for parameter decorators. */
const ParamType = { request: 0, response: 1, query: 4, param: 5, headers: 6, ip: 11 } as const;

/** Express has prepared some of it. */
export function prepareRequest(request: PreparedRequest, pattern: PathPattern): void {
  const url = urlAsSent(request);
  request.url = url;
  const prepared = {
    params: paramsOf(pathOf(url), pattern),
    query: request.query ?? parse(queryOf(url)),
    ip: request.ip ?? request.socket.remoteAddress,
  };
  for (const [name, value] of Object.entries(prepared)) {
    Object.defineProperty(request, name, { value, configurable: true, writable: true });
  }
}

/** There may be a global prefix before it. */
function paramsOf(path: string, pattern: PathPattern): object {
  const segments = path.split('/').filter(Boolean);
  for (let skipped = 0; skipped < segments.length; skipped++) {
    const params = pattern.match(`/${segments.slice(skipped).join('/')}`);
    if (params) return params;
  }
  return {};
}

export function exchangeKeyForValue(type: number, field: unknown, args: unknown[]): unknown {
  const [request, response] = args as [PreparedRequest, unknown];
  switch (type) {
    case ParamType.request:
      return request;
    case ParamType.response:
      return response;
    case ParamType.query:
      return fieldOf(request.query, field);
    case ParamType.param:
      return fieldOf(request.params, field);
    case ParamType.headers:
      return fieldOf(request.headers, typeof field === 'string' ? field.toLowerCase() : field);
    case ParamType.ip:
      return request.ip;
    default:
      return undefined;
  }
}

function fieldOf(values: object | undefined, field: unknown): unknown {
  if (typeof field !== 'string' || values === undefined) return values;
  return Object.hasOwn(values, field) ? (values as Record<string, unknown>)[field] : undefined;
}
