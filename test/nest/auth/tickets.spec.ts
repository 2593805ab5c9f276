import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { InvalidAuthOptionsError, InvalidIdentityError, TicketLimitError, Tickets } from 'nestwire';

describe('a ticket', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const ann = { user: { id: 7, name: 'Ann' } };

  it('admits whom it was issued for, once', async () => {
    const tickets = new Tickets();
    const ticket = tickets.issue(ann);

    expect(ticket).toMatch(/^[\w-]{43}$/);
    expect(await tickets.redeem(ticket)).toEqual({ user: ann.user, principal: '7', expiresAt: undefined });
    expect(await tickets.redeem(ticket)).toBeUndefined();
  });

  it('is like no other, and not to be had by a name of an object', async () => {
    const tickets = new Tickets();

    expect(tickets.issue(ann)).not.toBe(tickets.issue(ann));
    for (const guess of [
      '',
      '__proto__',
      'constructor',
      'a'.repeat(10_000),
      '~',
      `${'n'.repeat(12)}~${'a'.repeat(43)}`,
    ]) {
      expect(await tickets.redeem(guess)).toBeUndefined();
    }
  });

  it('expires, whatever the wall clock says', async () => {
    const tickets = new Tickets({ lifetimeMs: 1_000 });
    const [early, late] = [tickets.issue(ann), tickets.issue(ann)];
    jest.setSystemTime(Date.now() + 3_600_000);
    jest.advanceTimersByTime(999);
    expect(await tickets.redeem(early)).toBeDefined();

    jest.advanceTimersByTime(1);
    expect(await tickets.redeem(late)).toBeUndefined();
  });

  it('is not issued beyond the limit, until others are redeemed or expired', async () => {
    const tickets = new Tickets({ max: 2, lifetimeMs: 1_000 });
    const first = tickets.issue(ann);
    jest.advanceTimersByTime(500);
    tickets.issue(ann);
    expect(() => tickets.issue(ann)).toThrow(new TicketLimitError(2));

    await tickets.redeem(first);
    tickets.issue(ann);
    expect(() => tickets.issue(ann)).toThrow('2 tickets are not redeemed');
    jest.advanceTimersByTime(1_000);
    tickets.issue(ann);
    tickets.issue(ann);
  });

  it.each([
    [{ user: 'ann' }, 'principal'],
    [{ user: undefined }, 'principal'],
    [{ user: { id: '' } }, 'principal'],
    [{ user: { id: 1 }, principal: '' }, 'principal'],
    [{ user: { id: {} } }, 'principal'],
    [{ user: { id: 1 }, expiresAt: 1_800_000_000 }, 'in ms since 1970, not 1800000000'],
    [{ user: { id: 1 }, expiresAt: new Date('never') }, 'not Invalid Date'],
  ])('is not issued for %j', (identity, message) => {
    expect(() => new Tickets().issue(identity)).toThrow(InvalidIdentityError);
    expect(() => new Tickets().issue(identity)).toThrow(message);
  });

  it.each([{ max: 0 }, { lifetimeMs: 0.5 }, { lifetimeMs: NaN }])('has no options like %j', (options) => {
    expect(() => new Tickets(options)).toThrow(InvalidAuthOptionsError);
  });
});
