import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ParsedUrlQuery } from 'node:querystring';
import type { Observable } from 'rxjs';
import type { AnyProtocol, PushInput, ServerEvent } from '../protocol/index.js';
import type { ChannelName } from './channel-name.js';
import type { CloseDetails } from './close-details.js';
import type { TransportKind } from './transport.js';

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
  abstract readonly transport: TransportKind;
  /** Whether the session outlives its connection. */
  abstract readonly resumable: boolean;
  /** The request that created the session. */
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
   * Sends a message. Before the session is accepted it waits for that; after the end it is dropped.
   * @throws TypeError for data that is no JSON
   */
  abstract push<E extends ServerEvent<P>>(event: E, data: PushInput<P, E>): void;

  /**
   * Delivers a channel's publications to this session, from now on: `{ event, data, channel, cursor? }`.
   * Joining twice does nothing. Before the session is accepted it waits for that.
   * @returns settled when the subscription stands; need not be awaited with the memory broker
   * @throws ChannelLimitError at once, for more channels than `limits.channels`
   * @throws InvalidChannelNameError at once, unless the name is a string of 1 to 255 bytes
   */
  abstract join(channel: ChannelName): Promise<void>;

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
