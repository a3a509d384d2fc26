import type { Counts } from '../store/count.ts';
import { type PriceList, priceLists } from './prices.ts';
import type { Usage } from './usage.ts';

const GIGABYTE = 1e9;
const DAYS_A_MONTH = 30;
const HOUR_MS = 3_600_000;

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

/** What requests and what was read cost at the first list, in US dollars: for a status, where one figure has to do. */
export function listPrice(counts: Counts): { readonly store: string; readonly usd: number } {
  const [first] = priceLists;
  if (!first) throw new Error('there is no price list');
  const { requests, bytes } = priceOf(counts, first);
  return { store: first.store, usd: requests + bytes };
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
  /** At most what a session costs in an hour under the settings: it writes all the time, and ships at every interval. */
  readonly sessionHourMostUsd: number;
  /** At most what a month with as many session hours costs under the settings, with the bytes. */
  readonly monthMostUsd: number;
}

/** What of the settings decides how much is asked for. */
export interface MirrorPace {
  readonly intervalMs: number;
  readonly requestsPerHour?: number | undefined;
}

/** A part at every interval; its meta and the catalog once a minute. */
function mostRequests({ intervalMs }: MirrorPace): number {
  return HOUR_MS / Math.max(intervalMs, 1) + 2 * 60;
}

/** @param days each with what was used, the idle ones too */
export function projectCost(days: readonly Usage[], pace: MirrorPace): Projection[] {
  const hours = days.reduce((sum, { sessionHours }) => sum + sessionHours, 0);
  const activeHours = days.reduce((sum, day) => sum + day.activeHours, 0);
  // The budget is the host's: its sessions share it.
  const { requestsPerHour } = pace;
  const unbound = hours * mostRequests(pace);
  const most = requestsPerHour === undefined ? unbound : Math.min(unbound, activeHours * requestsPerHour);
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
      sessionHourMostUsd: (mostRequests(pace) * prices.classA) / 1000,
      monthMostUsd: ((most * prices.classA) / 1000 + bytes) * month,
    };
  });
}
