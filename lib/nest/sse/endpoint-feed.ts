import { type Observable } from 'rxjs';
import { Channel } from '../../channel/index.js';
import { isStream } from '../../session/index.js';
import { feedChannel, readPublications } from './channel-feed.js';
import { InvalidSseResultError } from './errors.js';
import type { Exchange } from './exchange.js';
import { feedPlain } from './plain-feed.js';
import type { SseEndpointOptions } from './sse-options.js';

/**
 * What the method's result is to a client, as items.
 * @throws InvalidSseResultError (rejects) for a result that is no stream
 */
export async function feedEndpoint(
  exchange: Exchange,
  { replay }: SseEndpointOptions,
  run: () => unknown,
): Promise<Observable<unknown>> {
  if (replay) {
    const key = typeof replay.key === 'string' ? replay.key : replay.key(exchange.request.platform);
    return (await exchange.share(replay, key, run)).follow(exchange);
  }
  const result = await run();
  if (result instanceof Channel) return feedChannel(exchange, result, readPublications(exchange, result));
  if (isStream(result)) return feedPlain(exchange, result);
  throw new InvalidSseResultError(
    `a method under @SseEndpoint must return an Observable, an AsyncIterable or a Channel, not ${typeof result}`,
  );
}
