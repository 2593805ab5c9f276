import { later } from './later.js';

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => later(resolve, ms));
}
