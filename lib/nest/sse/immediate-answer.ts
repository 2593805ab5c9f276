/** Requests that are answered without asking the method. */
import type { HttpServer } from '@nestjs/common';
import { type PollAnswer, type StreamForm, isTerminalCursor } from '../../protocol/polling/index.js';
import type { SseCall } from './sse-call.js';

/** @returns false when the method has to be asked */
export function answerAtOnce(adapter: HttpServer, call: SseCall, form: StreamForm): boolean {
  const { cursor } = call;
  if (call.request.method === 'HEAD') {
    reply(adapter, call, call.status, undefined);
    return true;
  }
  if (cursor === undefined || !isTerminalCursor(cursor)) return false;
  const body: PollAnswer = { events: [], cursor, done: true };
  // to EventSource 204 says: don't come back
  if (form === 'json') reply(adapter, call, call.status, body);
  else reply(adapter, call, 204, undefined);
  return true;
}

function reply(adapter: HttpServer, call: SseCall, status: number, body: unknown): void {
  call.setHeader('Cache-Control', 'no-store, no-transform');
  call.setHeader('Vary', call.vary);
  adapter.reply(call.platformResponse, body, status);
}
