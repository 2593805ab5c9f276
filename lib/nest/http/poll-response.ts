import type { IncomingMessage, ServerResponse } from 'node:http';
import { endConnectionAfter, whenClosed } from '../../transport/event-stream/index.js';
import type { Poll, PollBatch, PollTransport } from '../../transport/polling/index.js';
import type { HttpVisit } from './http-visit.js';
import type { Reception } from './session-request.js';

/** Answers a poll when there is something to say, or when it has waited long enough. */
export function answerPoll(
  { request, response }: HttpVisit,
  transport: PollTransport,
  { waitMs, ack }: Reception,
): void {
  const poll: Poll = { waitMs, ack, answer: (batch) => answer(request, response, batch) };
  whenClosed(request, response, () => transport.giveUp(poll));
  transport.receive(poll);
}

function answer(request: IncomingMessage, response: ServerResponse, batch: PollBatch | undefined): void {
  if (response.destroyed) return;
  if (!batch) return void response.writeHead(204).end();
  if (batch.retryMs !== undefined) endConnectionAfter(request, response);
  response.writeHead(200, { 'Content-Type': 'application/json' });
  const hint = batch.retryMs === undefined ? '' : `,"retryMs":${batch.retryMs}`;
  response.end(`{"batch":${batch.batch},"messages":[${batch.messages.join(',')}]${hint}}`);
}
