/** A bound on requests an hour, by which work waits instead of failing. */
export interface RequestBudget {
  /** Takes note of requests that were made. */
  spend(requests: number): void;
  /** Requests that may be made now; less than 1: none. */
  room(): number;
  /** Milliseconds until there is room for one more piece of work; 0: now. */
  waitMs(): number;
}

/** So much of an hour's requests may be made at once, after a pause. */
const BURST = 0.1;

/**
 * At most `perHour` requests in any hour, and those of one piece of work more. What is overdrawn is waited for.
 * @param monotonic milliseconds that never go back
 */
export function requestBudget(perHour: number, monotonic: () => number): RequestBudget {
  const burst = Math.max(1, perHour * BURST);
  const perMs = (perHour - burst) / 3_600_000;
  let left = burst;
  let at = monotonic();
  const refill = () => {
    const now = monotonic();
    left = Math.min(burst, left + (now - at) * perMs);
    at = now;
  };
  return {
    spend(requests) {
      refill();
      left -= requests;
    },
    room() {
      refill();
      return left;
    },
    waitMs() {
      refill();
      return left >= 1 ? 0 : Math.ceil((1 - left) / perMs);
    },
  };
}
