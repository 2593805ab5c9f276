import { describe, expect, it, jest } from '@jest/globals';
import { take } from 'rxjs';
import type { StreamSpan } from '../../lib/diagnostics/tracing.js';
import { StartedStream, discard } from '../../lib/session/result.js';
import { tracedStream } from '../../lib/session/traced-stream.js';

const begin = jest.fn<() => StreamSpan>();

describe('a stream that is traced', () => {
  it('has no span when nobody reads it, and lets go of its source all the same', () => {
    const abandon = jest.fn<() => void>();
    const close = jest.fn(async () => ({ done: true as const, value: undefined }));
    const iterable = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('read')), return: close }),
    };
    discard(tracedStream(new StartedStream(() => undefined, abandon), begin));
    discard(tracedStream(iterable, begin));

    expect(abandon).toHaveBeenCalledTimes(1);
    expect(close).toHaveBeenCalledTimes(1);
    expect(begin).not.toHaveBeenCalled();
  });

  it('stops a source that goes on emitting when its reader has had enough', () => {
    const end = jest.fn<StreamSpan['end']>();
    begin.mockReturnValue({ run: (work) => work(), end, fail: jest.fn() });
    const endless = new StartedStream(
      (subscriber) => {
        while (!subscriber.closed) subscriber.next('item');
      },
      () => undefined,
    );
    const traced = tracedStream(endless, begin) as StartedStream;
    traced.pipe(take(3)).subscribe();

    expect(end.mock.calls).toEqual([['stopped', 3]]);
  });
});
