import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { PayloadRefusedError, validatePayload } from '../../lib/protocol/validate-payload.js';

const Point = z.object({ x: z.number(), y: z.number().default(0) });

describe('validatePayload', () => {
  it('answers with what the schema made of the payload, at once', () => {
    expect(validatePayload('move', Point, { x: 1 })).toEqual({ x: 1, y: 0 });
  });

  it('waits for a schema that is asynchronous', async () => {
    const slow = Point.refine(async ({ x }) => Promise.resolve(x > 0));

    await expect(validatePayload('move', slow, { x: 1 })).resolves.toEqual({ x: 1, y: 0 });
    await expect(validatePayload('move', slow, { x: -1 })).rejects.toThrow(PayloadRefusedError);
  });

  it('says where the payload is wrong', () => {
    const refuse = (): unknown =>
      validatePayload('draw', z.object({ points: z.array(Point) }), { points: [{}] });

    expect(refuse).toThrow(/^payload of "draw" refused: points\.0\.x: /);
  });

  it('names sixteen issues and no more, however many there are', () => {
    try {
      validatePayload('list', z.array(z.number()), Array<string>(1000).fill('no'));
      throw new Error('was accepted');
    } catch (error) {
      expect((error as PayloadRefusedError).issues).toHaveLength(16);
    }
  });
});
