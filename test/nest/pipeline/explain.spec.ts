import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConflictException, Logger, NotFoundException } from '@nestjs/common';
import { of } from 'rxjs';
import { type AskFilters, explain, explainByFilters } from '../../../lib/nest/pipeline/explain.js';
import type { ExceptionData } from '../../../lib/protocol/envelope/index.js';
import { TestHost, makeSession } from '../../support/test-session.js';

const session = makeSession(new TestHost());
const secret = new Error('secret');
const logged: unknown[] = [];

const answering = (answer: unknown): AskFilters => jest.fn<AskFilters>().mockResolvedValue(answer);
const throwing = (error: unknown): AskFilters => jest.fn<AskFilters>().mockRejectedValue(error);

const asked = async (filters: AskFilters, error: unknown = secret): Promise<ExceptionData> =>
  explainByFilters(filters, error, session, 1, 'say');

beforeEach(() => {
  logged.length = 0;
  jest.spyOn(Logger.prototype, 'error').mockImplementation((text: unknown) => void logged.push(text));
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('an error, explained', () => {
  it('is logged when it was not made for clients', () => {
    expect(explain(secret, 'say')).toMatchObject({ statusCode: 500, message: 'Internal server error' });
    expect(explain(new NotFoundException(), 'say')).toMatchObject({ statusCode: 404 });
    expect(logged).toEqual(['say failed: secret']);
  });

  it.each<[string, unknown]>([
    ['no words', Object.create(null)],
    [
      'a message that throws',
      Object.defineProperty(new Error(), 'message', {
        get: () => {
          throw secret;
        },
      }),
    ],
  ])('is told and logged even if it has %s', (_, error) => {
    expect(explain(error, 'say')).toMatchObject({ statusCode: 500, message: 'Internal server error' });
    expect(logged).toEqual(['say failed: something of type object that cannot be put into words']);
  });

  it('takes the fields of what a filter answers, but stays an error', async () => {
    const answer = { statusCode: 409, more: 1, status: 'fine' };

    expect(await asked(answering(answer))).toMatchObject({ status: 'error', statusCode: 409, more: 1 });
    expect(await asked(answering(of(answer)))).toMatchObject({ statusCode: 409, more: 1 });
  });

  it.each([undefined, null, 'text', 7])('does without an answer that says nothing (%j)', async (answer) => {
    expect(await asked(answering(answer))).toMatchObject({
      statusCode: 500,
      message: 'Internal server error',
    });
  });

  it('is another exception when a filter returns or throws one', async () => {
    expect(await asked(answering(new ConflictException('taken')))).toMatchObject({ statusCode: 409 });
    expect(await asked(throwing(new ConflictException('taken')))).toMatchObject({ statusCode: 409 });
    expect(logged).toEqual([]);
  });

  it('stays what it is when a filter breaks, and both are in the log', async () => {
    expect(await asked(throwing(new TypeError('broken')))).toMatchObject({ statusCode: 500 });
    expect(logged).toEqual([
      `an exception filter of say of session ${session.id} failed: broken`,
      `say of session ${session.id} failed: secret`,
    ]);
    expect(await asked(throwing(new TypeError('broken')), new NotFoundException())).toMatchObject({
      statusCode: 404,
    });
  });
});
