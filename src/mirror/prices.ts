/** List prices of a store in US dollars, without what is free at first and without tax. */
export interface PriceList {
  readonly store: string;
  /** For a thousand requests that write or list. */
  readonly classA: number;
  /** For a thousand requests that read. */
  readonly classB: number;
  /** For 10^9 bytes stored for a month. */
  readonly storage: number;
  /** For 10^9 bytes that leave the store for the internet. */
  readonly egress: number;
}

/** When these prices were looked up: whoever needs a bill asks the store. */
export const pricesAsOf = '2026-11-21';

/** Stores that create an object once, in their most usual class and an American region. Removing is free everywhere. */
export const priceLists: readonly PriceList[] = [
  { store: 'AWS S3 Standard', classA: 0.005, classB: 0.0004, storage: 0.023, egress: 0.09 },
  { store: 'Cloudflare R2', classA: 0.0045, classB: 0.00036, storage: 0.015, egress: 0 },
];
