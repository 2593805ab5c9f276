import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConflictException, HttpException, Logger } from '@nestjs/common';
import { toRefusedError } from '../../../lib/nest/gateway/refusal.js';
import type { AskFilters } from '../../../lib/nest/pipeline/explain.js';
import { TestHost, makeSession } from '../../support/test-session.js';

const session = makeSession(new TestHost());
const FAILED = { status: 500, body: { statusCode: 500, message: 'Internal server error' } };

let logged: jest.SpiedFunction<Logger['error']>;

beforeEach(() => {
  logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a client that is refused', () => {
  it('is told what the exception was made to tell', async () => {
    const { refusal } = await toRefusedError(new ConflictException('taken'), session, undefined);

    expect(refusal).toMatchObject({ status: 409, body: { message: 'taken' } });
    expect(logged).not.toHaveBeenCalled();
  });

  it.each<[string, unknown, AskFilters | undefined]>([
    ['an exception', new HttpException({ details: 1n }, 400), undefined],
    ['a filter', new ConflictException(), () => Promise.resolve({ details: 1n })],
  ])('is told of a failure of the server when %s says what is no JSON', async (_, error, filters) => {
    const { refusal } = await toRefusedError(error, session, filters);

    expect(refusal).toEqual(FAILED);
    expect(logged).toHaveBeenCalledTimes(1);
  });
});
