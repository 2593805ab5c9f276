import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ParsedUrlQuery } from 'node:querystring';
import type { Observable } from 'rxjs';
import type { AnyProtocol, PushInput, ServerEvent } from '../protocol/index.js';
import type { ChannelName } from './channel-name.js';
import type { CloseDetails } from './close-details.js';
import type { JoinResult } from './join-result.js';
import type { TransportKind } from './transport.js';

/** Where a session begins in a channel. */
export interface JoinOptions {
  /** A cursor: everything after it first. `start`: all of the history first. Default: live from now. */
  readonly from?: string | undefined;
}

/**
 * One client, whatever carries its messages. What `@CurrentSession()` gives, and what
 * `switchToWs().getClient()` and `switchToHttp().getRequest()` give to guards, so that those written for
 * HTTP find `headers`, `url`, `query`, `params` and a place for `user`.
 *
 * @typeParam P the gateway's protocol: `push` then knows its events, and nothing else
 * @typeParam Data the shape of `data`
 */
export abstract class GatewaySession<
  P extends AnyProtocol = AnyProtocol,
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- types `data` at the handler
  Data extends object = Record<string, unknown>,
> {
  /** Unguessable and unique. */
  abstract readonly id: string;
  /** How its messages travel now, or did last. */
  abstract readonly transport: TransportKind;
  /** Whether the session outlives its connection. */
  abstract readonly resumable: boolean;
  /** The request that the client came with, the last time. */
  abstract readonly request: IncomingMessage;
  abstract readonly headers: IncomingHttpHeaders;
  /** Path and query, as requested. */
  abstract readonly url: string;
  abstract readonly query: ParsedUrlQuery;
  /** The parameters of the gateway's path: `room` of `/chat/:room`, decoded. */
  abstract readonly params: Readonly<Record<string, string>>;
  /** The client's address, or its proxy's. */
  abstract readonly remoteAddress: string;
  /** Who the client is, as a guard found out; until one sets it, what middleware left in `request.user`. */
  abstract user: unknown;
  /** The application's own; empty at first. */
  abstract readonly data: Data;
  /** Emits how the session ended, once, and completes; also when it had ended before. */
  abstract readonly closed$: Observable<CloseDetails>;

  /**
   * Sends a message. Before the session is accepted it waits for that, and in a resumable session also for the
   * client to come back; after the end it is dropped.
   * @throws Error for data that the session's codec cannot encode: TypeError for what is no JSON
   * @throws OutboundRefusedError with `validateOutbound`, for data that the event's schema refuses
   * @throws ReservedEventError for an event that begins with `nestwire:`
   */
  abstract push<E extends ServerEvent<P>>(event: E, data: PushInput<P, E>): void;

  /**
   * Delivers a channel's publications to this session, from now on: `{ event, data, channel, cursor? }`.
   * Joining twice does nothing. Before the session is accepted, and while it has no connection, it waits for
   * that. A cursor that a returning client brought for this channel is used, whatever the application says.
   * @returns settled when the subscription stands; need not be awaited with the memory broker
   * @throws ChannelLimitError at once, for more channels than `limits.channels`
   * @throws InvalidChannelNameError at once, unless the name is a string of 1 to 255 bytes
   */
  abstract join(channel: ChannelName): Promise<void>;

  /**
   * As `join(channel)`, but begins in the past: what came after a cursor is sent first, as fast as the client
   * takes it, then what is published from now on, with nothing lost or doubled in between. When that can't be
   * had (the cursor means nothing here, or is older than the history) it begins now, and the client is told so
   * by `nestwire:gap`.
   * @returns settled when the past was sent; empty when the join had to wait, or there was nothing to do
   */
  abstract join(channel: ChannelName, options: JoinOptions): Promise<JoinResult>;

  /** Ends what `join` began. Does nothing for a channel that was not joined. */
  abstract leave(channel: ChannelName): void;

  /**
   * Ends the session: nothing more is dispatched or sent, streams are torn down, the client gets a close
   * frame. Does nothing when the session is ending already.
   * @param code 1000-1014 without 1004-1006, or 3000-4999. Default 1000
   * @param reason at most 123 bytes of UTF-8
   * @throws InvalidCloseError for another code or a longer reason
   */
  abstract close(code?: number, reason?: string): void;
}
