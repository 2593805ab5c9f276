/**
 * What the library tells about itself, over `node:diagnostics_channel`. Metrics, traces and logs listen; the
 * layers only tell. Payloads are made when somebody listens: ask `hasSubscribers` first.
 */
import { channel } from 'node:diagnostics_channel';

/** Of a connection: its session, and how it is carried. */
export interface ConnectionDiagnostic {
  readonly sessionId: string;
  readonly transport: string;
}

/** The channels by name, and what is published on them. Durations are in milliseconds. */
export interface NestwireDiagnostics {
  /** A client is connected; a resumable session may have several connections, one after another. */
  'nestwire:connection.opened': ConnectionDiagnostic;
  'nestwire:connection.closed': ConnectionDiagnostic;
  /** A client was let in: guards and `@OnConnect` have decided. */
  'nestwire:session.opened': ConnectionDiagnostic & { readonly resumable: boolean };
  'nestwire:session.closed': {
    readonly sessionId: string;
    readonly code: number;
    readonly reason: string;
    readonly clean: boolean;
  };
  /** A client sent a message; `size` is its bytes, or the characters of a text. */
  'nestwire:message.received': ConnectionDiagnostic & { readonly size: number };
  /** A reply, an item, a push or a publication was given to the transport of a session, or to its ring. */
  'nestwire:message.sent': { readonly sessionId: string | undefined; readonly size: number };
  /** A handler's value or promise is there, or it failed; a stream counts until it was returned. */
  'nestwire:message.handled': {
    readonly sessionId: string;
    /** Class and method, such as `ChatGateway.send`. */
    readonly handler: string;
    readonly durationMs: number;
    readonly failed: boolean;
  };
  /** A policy, `latest` or `drop-oldest`, gave up a message for a client that is slow. */
  'nestwire:message.dropped': { readonly size: number };
  /** A publication was acknowledged by the broker; `size` is the characters of its JSON. */
  'nestwire:publication.published': { readonly channel: string; readonly size: number };
  /** The broker refused it, or could not be reached. */
  'nestwire:publication.failed': { readonly channel: string; readonly error: unknown };
  /** A publication went to so many sessions of this process. */
  'nestwire:publication.delivered': { readonly channel: string; readonly sessions: number };
  /** A client went beyond one of `limits`: its message is refused, or its connection or session ends. */
  'nestwire:limit.hit': { readonly sessionId: string | undefined; readonly limit: string };
  /** A broker between processes has a connection, or has lost it. Published by the broker itself. */
  'nestwire:broker': {
    readonly state: 'ready' | 'lost';
    /** Which of its connections. */
    readonly role: string;
    /** Why, without credentials. */
    readonly reason?: string;
  };
  /** A client was not let in, or a request over plain HTTP was refused. */
  'nestwire:client.refused': { readonly status: number; readonly transport: 'websocket' | 'http' };
}

interface Diagnostic<Payload> {
  readonly hasSubscribers: boolean;
  publish(payload: Payload): void;
}

const diagnostic = <Name extends keyof NestwireDiagnostics>(
  name: Name,
): Diagnostic<NestwireDiagnostics[Name]> => channel(name);

export const connectionOpened = diagnostic('nestwire:connection.opened');
export const connectionClosed = diagnostic('nestwire:connection.closed');
export const sessionOpened = diagnostic('nestwire:session.opened');
export const sessionClosed = diagnostic('nestwire:session.closed');
export const messageReceived = diagnostic('nestwire:message.received');
export const messageSent = diagnostic('nestwire:message.sent');
export const messageHandled = diagnostic('nestwire:message.handled');
export const messageDropped = diagnostic('nestwire:message.dropped');
export const publicationPublished = diagnostic('nestwire:publication.published');
export const publicationFailed = diagnostic('nestwire:publication.failed');
export const publicationDelivered = diagnostic('nestwire:publication.delivered');
export const limitHit = diagnostic('nestwire:limit.hit');
export const clientRefused = diagnostic('nestwire:client.refused');
