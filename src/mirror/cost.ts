import type { Counts } from '../store/count.ts';
import { type PriceList, priceLists } from './prices.ts';
import type { Usage } from './usage.ts';

const GIGABYTE = 1e9;
const DAYS_A_MONTH = 30;

/** What traffic costs by a price list, in US dollars; stored bytes for one month. */
function priceOf(counts: Counts, prices: PriceList): { readonly requests: number; readonly bytes: number } {
  const { create, overwrite, list, get } = counts;
  const a = create.requests + overwrite.requests + list.requests;
  const stored = create.bytesUp / GIGABYTE;
  return {
    requests: (a * prices.classA + get.requests * prices.classB) / 1000,
    bytes: stored * prices.storage + (get.bytesDown / GIGABYTE) * prices.egress,
  };
}

/** Use of one day, or of several added up. */
export interface UsageSum {
  readonly classA: number;
  readonly classB: number;
  readonly removed: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly sessionHours: number;
  readonly activeHours: number;
}

export function sumUsage(usage: Usage): UsageSum {
  const { create, overwrite, list, get, remove, sessionHours, activeHours } = usage;
  return {
    classA: create.requests + overwrite.requests + list.requests,
    classB: get.requests,
    removed: remove.requests,
    bytesUp: create.bytesUp + overwrite.bytesUp,
    bytesDown: get.bytesDown,
    sessionHours,
    activeHours,
  };
}

/** What a month of days like these would cost on each store, and what an hour of one session does. */
export interface Projection {
  readonly store: string;
  readonly requestsUsd: number;
  readonly bytesUsd: number;
  readonly monthUsd: number;
  /** Absent where no session was at work. */
  readonly sessionHourUsd?: number;
}

/** @param days each with what was used, the idle ones too */
export function projectCost(days: readonly Usage[]): Projection[] {
  const hours = days.reduce((sum, { sessionHours }) => sum + sessionHours, 0);
  return priceLists.map((prices) => {
    const priced = days.map((day) => priceOf(day, prices));
    const requests = priced.reduce((sum, price) => sum + price.requests, 0);
    const bytes = priced.reduce((sum, price) => sum + price.bytes, 0);
    const month = days.length === 0 ? 0 : DAYS_A_MONTH / days.length;
    return {
      store: prices.store,
      requestsUsd: requests * month,
      bytesUsd: bytes * month,
      monthUsd: (requests + bytes) * month,
      ...(hours > 0 && { sessionHourUsd: requests / hours }),
    };
  });
}
