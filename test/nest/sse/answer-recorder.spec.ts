import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type RecordedAnswer, isRecording, recordAnswer } from '../../../lib/nest/sse/answer-recorder.js';

/** As a platform's response: methods of its class, and some of its own. */
class Response {
  readonly sentBodies: unknown[] = [];
  own = (): string => 'own';
  end = (): string => 'ended';

  get headersSent(): boolean {
    return true;
  }

  status(code?: number): this {
    throw new Error(`too late for ${code}`);
  }

  json(body: unknown): void {
    this.sentBodies.push(body);
  }
}

describe('recording what a filter answers', () => {
  let response: Response;
  let answers: (RecordedAnswer | undefined)[];

  beforeEach(() => {
    jest.useFakeTimers();
    response = new Response();
    answers = [];
    recordAnswer(response, (answer) => answers.push(answer));
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('takes status and body, and sends nothing', () => {
    expect(response.headersSent).toBe(false);
    response.status(418).json({ a: 1 });

    expect(answers).toEqual([{ status: 418, body: { a: 1 } }]);
    expect(response.sentBodies).toEqual([]);
  });

  it('leaves the response as it was', () => {
    response.json({});
    const { end } = response;

    expect(isRecording(response)).toBe(false);
    expect(response.headersSent).toBe(true);
    expect(() => response.status()).toThrow('too late for');
    expect(end()).toBe('ended');
    expect(Object.keys(response).sort()).toEqual(['end', 'own', 'sentBodies']);
  });

  it('gives up on a filter that does not answer', () => {
    jest.advanceTimersByTime(5_000);

    expect(answers).toEqual([undefined]);
    expect(response.headersSent).toBe(true);
  });

  it('has no timer left when it was answered', () => {
    response.json({});

    expect(jest.getTimerCount()).toBe(0);
  });
});
