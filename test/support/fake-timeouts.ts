import { jest } from '@jest/globals';

/** Time stands still for `setTimeout` alone: sockets and streams go on. Undo with `jest.useRealTimers()`. */
export function fakeTimeouts(): void {
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
    ],
  });
}
