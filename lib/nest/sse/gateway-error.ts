/** The HTTP answer to a request of a gateway's event stream that failed, as its filters want it. */
import type { ServerResponse } from 'node:http';
import { type HttpServer, HttpException } from '@nestjs/common';
import { isPublic, toExceptionData } from '../pipeline/exception-data.js';
import { logError } from '../pipeline/explain.js';
import { isRecording, recordAnswer } from './answer-recorder.js';

/**
 * @param ask runs the filters; rejects with what none of them took
 */
export async function answerError(
  adapter: HttpServer,
  response: ServerResponse,
  error: unknown,
  ask: () => Promise<unknown>,
): Promise<void> {
  // on Fastify the response is Node's, which has not the methods that filters use
  if (!isRecording(response)) {
    recordAnswer(response, (answer) => {
      if (answer) adapter.reply(response, answer.body, answer.status ?? 500);
      else adapter.reply(response, bodyOf(error), statusOf(error));
    });
  }
  try {
    await ask();
  } catch (thrown) {
    if (!isPublic(thrown)) logError(thrown, 'an event stream');
    (response as unknown as RecordedResponse).status(statusOf(thrown)).send(bodyOf(thrown));
  }
}

interface RecordedResponse {
  status(code: number): { send(body: object): void };
}

const statusOf = (error: unknown): number => toExceptionData(error).statusCode;

function bodyOf(error: unknown): object {
  const body = error instanceof HttpException ? error.getResponse() : undefined;
  if (typeof body === 'object') return body;
  const { statusCode, message } = toExceptionData(error);
  return { statusCode, message };
}
