const BASE_MS = 500;
const CAP_MS = 30_000;

/**
 * How long to wait before attempt number `attempt` (0 for the first after a loss): exponential with full jitter,
 * so that all pages of a restarted server do not come back in the same moment.
 */
export function backOffMs(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt);
}
