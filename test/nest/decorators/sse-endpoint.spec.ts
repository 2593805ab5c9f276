import { describe, expect, it } from '@jest/globals';
import { InvalidSseOptionsError, type Channel, SseEndpoint, type SseEndpointOptions, sse } from 'nestwire';
import { type Observable, of } from 'rxjs';

describe('@SseEndpoint', () => {
  it('takes methods that return streams, and no others', () => {
    class Streams {
      @SseEndpoint('a')
      observable(): Observable<number> {
        return of(1);
      }

      @SseEndpoint(['b', 'c'], { method: 'POST', overflow: 'latest' })
      async promised(id: string): Promise<Observable<unknown>> {
        return of(sse({ data: id }));
      }

      @SseEndpoint()
      async *iterable(): AsyncIterable<string> {
        yield 'a';
      }

      @SseEndpoint('channel')
      channel(): Channel<{ n: number }> {
        throw new Error('not called');
      }

      // @ts-expect-error a list is no stream
      @SseEndpoint('d')
      list(): number[] {
        return [];
      }

      // @ts-expect-error nor is nothing
      @SseEndpoint('e')
      nothing(): void {}
    }

    expect(new Streams()).toBeInstanceOf(Streams);
  });

  it.each<[string, SseEndpointOptions]>([
    ['retryMs must be an integer of at least 0, not -1', { retryMs: -1 }],
    ['retryMs must be an integer of at least 0, not 0.5', { retryMs: 0.5 }],
    ['replay.maxKeys must be a positive number, not 0', { replay: { key: 'a', maxKeys: 0 } }],
    ['replay.size must be a positive number, not -1', { replay: { key: 'a', history: { size: -1 } } }],
    ['replay.key must be text or a function, not undefined', { replay: {} as { key: string } }],
  ])('refuses options: %s', (message, options) => {
    expect(() => SseEndpoint('a', options)).toThrow(InvalidSseOptionsError);
    expect(() => SseEndpoint('a', options)).toThrow(message);
  });
});
