/** Clock and chance, handed in by the composition root so that a test can own them. */
export interface Runtime {
  /** Wall clock, milliseconds since 1970: for display and for bounds that may be wrong. */
  now(): number;
  /** Milliseconds that never go back. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** In [0, 1). */
  random(): number;
  /** 128 random bits as 26 characters of lower-case base32. */
  id(): string;
}
