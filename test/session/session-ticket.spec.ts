import { describe, expect, it } from '@jest/globals';
import { parseSessionTicket } from '../../lib/session/index.js';

const ID = '0b4b2b1e-7d0f-4c43-9c0b-3d3f2a3ce0aa';
const SECRET = 'AAAAbbbb0000-___ccccDDDD';

describe('what a client says about the session it wants', () => {
  it('is "new", or id and secret', () => {
    expect(parseSessionTicket('new')).toBe('new');
    expect(parseSessionTicket(`${ID}.${SECRET}`)).toEqual({ id: ID, secret: SECRET });
  });

  it.each([
    '',
    'NEW',
    ID,
    `${ID}.`,
    `${ID}.${SECRET}x`,
    `${ID}.${SECRET.slice(1)}`,
    `${ID}.${SECRET.slice(1)} `,
    `x${ID}.${SECRET}`,
    `__proto__.${SECRET}`,
    `${ID}.${SECRET}\n`,
    'x'.repeat(10_000),
  ])('is nothing else, such as "%s"', (text) => {
    expect(parseSessionTicket(text)).toBeUndefined();
  });
});
