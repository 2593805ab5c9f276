import { describe, expect, it } from '@jest/globals';
import { formatCursor, parseCursor } from '../../../lib/channel/index.js';
import { isTerminalCursor, terminalCursor } from '../../../lib/protocol/polling/index.js';

describe('the cursor of an ended stream', () => {
  it('is known again, with an epoch or without', () => {
    expect(isTerminalCursor(terminalCursor())).toBe(true);
    expect(isTerminalCursor(terminalCursor('e'.repeat(40)))).toBe(true);
    expect(terminalCursor('e'.repeat(40)).length).toBeLessThanOrEqual(64);
  });

  it('is none of a history', () => {
    expect(parseCursor(terminalCursor('epoch'))).toBeUndefined();
    expect(isTerminalCursor(formatCursor({ epoch: 'done', offset: 1 }))).toBe(false);
  });
});
