/** One HTTP request to an endpoint, on whatever platform. */
import type { OutgoingHttpHeaders } from 'node:http';
import { queryOf } from '../../session/index.js';
import { type HttpRequest, type HttpResponse, mergeVary } from '../../transport/event-stream/index.js';
import type { SseRequest } from './sse-options.js';

interface PlatformRequest extends SseRequest {
  readonly raw?: HttpRequest;
  readonly originalUrl?: string;
  readonly ip?: string;
}

interface PlatformResponse {
  readonly raw?: HttpResponse;
  /** Fastify: from now on the response is ours. */
  hijack?(): void;
  /** Fastify: those set so far. Express sets them on the response itself. */
  getHeaders?(): OutgoingHttpHeaders;
  /** Fastify, while the response is its own. */
  header?(name: string, value: string): unknown;
  setHeader?(name: string, value: string): unknown;
  readonly statusCode: number;
}

/** What an answer depends on. */
const VARY = ['Accept', 'Prefer'];

export class SseCall {
  readonly request: HttpRequest;
  readonly response: HttpResponse;

  constructor(
    readonly platformRequest: PlatformRequest,
    readonly platformResponse: PlatformResponse,
  ) {
    this.request = platformRequest.raw ?? (platformRequest as unknown as HttpRequest);
    this.response = platformResponse.raw ?? (platformResponse as unknown as HttpResponse);
  }

  get address(): string {
    return this.platformRequest.ip ?? '';
  }

  /** RFC 9110: a list in several lines is one list. */
  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** That of the header, which a browser sends when it comes back, before that of the URL. */
  get cursor(): string | undefined {
    const { originalUrl } = this.platformRequest;
    const query = queryOf(originalUrl ?? this.request.url ?? '');
    const cursor = this.header('last-event-id') || new URLSearchParams(query).get('cursor');
    return cursor || undefined;
  }

  get status(): number {
    return this.platformResponse.statusCode;
  }

  get vary(): string {
    return mergeVary(this.headers['vary'] ?? this.response.getHeader('vary'), VARY);
  }

  /** The adapter of Nest 11 cannot do it on Fastify where middleware answers: there the response has no reply. */
  setHeader(name: string, value: string): void {
    if (this.platformResponse.raw) this.platformResponse.header?.(name, value);
    else this.platformResponse.setHeader?.(name, value);
  }

  private get headers(): OutgoingHttpHeaders {
    return this.platformResponse.raw ? (this.platformResponse.getHeaders?.() ?? {}) : {};
  }

  /** Takes the response over, with the headers that were set so far. */
  takeOver(): OutgoingHttpHeaders {
    const headers = { ...this.headers, vary: this.vary };
    this.platformResponse.hijack?.();
    return headers;
  }
}
