import { CairnError } from '../errors.ts';
import { compareKeys, slotKey } from './keys.ts';
import type { BucketStore, CreateAnswer, ListOptions, Payload } from './types.ts';

export type CheckName = 'condition' | 'race' | 'recreate' | 'absence' | 'listing' | 'order' | 'clock' | 'content';

/** Whether a check held; `detail` says what was seen, or what was expected and what came. */
export interface Finding {
  readonly ok: boolean;
  readonly detail: string;
}

/** A place to try things: `create` remembers the key, so that it is removed in the end. */
interface Scratch {
  readonly store: BucketStore;
  readonly prefix: string;
  create(key: string, payload: Payload): Promise<CreateAnswer>;
  bytes(length: number): Uint8Array;
}

interface Check {
  readonly name: CheckName;
  /** Without it the store is unfit; the others cost speed only. */
  readonly required: boolean;
  run(scratch: Scratch): Promise<Finding>;
}

const writers = 16;
const rounds = 5;
/** `Date` and `Last-Modified` of a fresh object: whole seconds, and an answer that was slow. */
const clockSlackMs = 10_000;

/** What a store is asked for, in this order. */
export const checks: readonly Check[] = [
  {
    name: 'condition',
    required: true,
    async run({ prefix, create, bytes }) {
      const first = await settled(create(`${prefix}condition`, bytes(40)));
      const second = await settled(create(`${prefix}condition`, bytes(40)));
      return expected('created, exists', `${first}, ${second}`);
    },
  },
  {
    name: 'race',
    required: true,
    async run({ store, prefix, create, bytes }) {
      for (let round = 0; round < rounds; round++) {
        const key = `${prefix}race-${round}`;
        const bodies = Array.from({ length: writers }, () => bytes(40));
        const answers = await Promise.all(bodies.map((body) => create(key, body)));
        // A conflict or a lost reply is no fault; but then any of those may be the winner.
        const winners = bodies.filter((_, i) => answers[i]?.outcome === 'created');
        const unclear = bodies.filter(
          (_, i) => answers[i]?.outcome === 'conflict' || answers[i]?.outcome === 'unknown',
        );
        if (winners.length > 1)
          return { ok: false, detail: `expected one winner of ${writers} writers, got ${winners.length}` };
        const stored = await read(store, key);
        if (!(winners.length === 1 ? winners : unclear).some((body) => isEqual(body, stored))) {
          return { ok: false, detail: 'expected the body of the winner, got another' };
        }
      }
      return { ok: true, detail: `${rounds} times one winner of ${writers} writers` };
    },
  },
  {
    name: 'recreate',
    required: true,
    async run({ store, prefix, create, bytes }) {
      const key = `${prefix}recreate`;
      const first = await settled(create(key, bytes(40)));
      await store.remove(key);
      const again = bytes(40);
      const second = await settled(create(key, again));
      return expected('created, created, new body', `${first}, ${second}, ${bodyName(again, await read(store, key))}`);
    },
  },
  {
    name: 'absence',
    required: true,
    async run({ store, prefix, create, bytes }) {
      const key = `${prefix}absence`;
      const before = await read(store, key);
      const body = bytes(40);
      const outcome = await settled(create(key, body));
      return expected(
        'absent, created, new body',
        `${bodyName(body, before)}, ${outcome}, ${bodyName(body, await read(store, key))}`,
      );
    },
  },
  {
    name: 'listing',
    required: true,
    async run({ store, prefix, create, bytes }) {
      const seen: string[] = [];
      const names = ['1', '2', '3'];
      for (const name of names) {
        await settled(create(`${prefix}listing/${name}`, bytes(4)));
        seen.push(String((await keysUnder(store, `${prefix}listing/`)).length));
      }
      return expected(names.join(' '), seen.join(' '));
    },
  },
  {
    name: 'order',
    required: false,
    async run({ store, prefix, create, bytes }) {
      const folder = `${prefix}order/`;
      const slots = Array.from({ length: 12 }, (_, i) => slotKey(folder, i + 1)).reverse();
      const keys = [...slots, ...['-', '=', '_', 'a', 'a-', 'a=', 'aa'].map((name) => folder + name)].sort(compareKeys);
      await Promise.all(keys.map((key) => settled(create(key, bytes(4)))));
      const newest = await keysUnder(store, folder, { after: `${folder}-`, max: 1 });
      const paged: string[] = [];
      for (let after = folder; paged.length < keys.length; after = paged.at(-1) ?? folder) {
        const page = await keysUnder(store, folder, { after, max: 5 });
        if (page.length === 0) break;
        paged.push(...page);
      }
      const inOrder = paged.join('\n') === keys.join('\n') && newest[0] === slots[0];
      return {
        ok: inOrder,
        detail: inOrder ? 'lists are in byte order' : 'expected keys in byte order, got another order',
      };
    },
  },
  {
    name: 'clock',
    required: false,
    async run({ store, prefix, create, bytes }) {
      const gaps: number[] = [];
      for (const key of [`${prefix}clock-1`, `${prefix}clock-2`]) {
        await settled(create(key, bytes(4)));
        const object = await store.get(key);
        object?.close();
        gaps.push(object === undefined ? Number.NaN : object.date - object.modified);
      }
      const ok = gaps.every((gap) => Math.abs(gap) <= clockSlackMs);
      return {
        ok,
        detail: `Date is ${gaps.join(' and ')} ms after Last-Modified of a fresh object (at most ${clockSlackMs} expected)`,
      };
    },
  },
  {
    name: 'content',
    required: true,
    async run({ store, prefix, create, bytes }) {
      const body = bytes(100_000);
      const opened: Payload = {
        size: body.byteLength,
        async *open() {
          for (let at = 0; at < body.byteLength; at += 30_000) yield body.subarray(at, at + 30_000);
        },
      };
      await settled(create(`${prefix}content-1`, body));
      await settled(create(`${prefix}content-2`, opened));
      const range = await store.get(`${prefix}content-1`, { range: { start: 1000, end: 1999 } });
      const came = [
        bodyName(body, await read(store, `${prefix}content-1`)),
        bodyName(body, await read(store, `${prefix}content-2`)),
        bodyName(body.subarray(1000, 2000), await range?.bytes()),
      ];
      return expected('new body, new body, new body', came.join(', '));
    },
  },
];

function expected(expectation: string, came: string): Finding {
  return { ok: came === expectation, detail: came === expectation ? came : `expected ${expectation}, got ${came}` };
}

/** `created` or `exists`: a probe that meets neither has nothing to say about the store. */
async function settled(create: Promise<CreateAnswer>): Promise<'created' | 'exists'> {
  const { outcome, cause } = await create;
  if (outcome === 'created' || outcome === 'exists') return outcome;
  throw new CairnError('unavailable', `expected a clear answer to the probe of the store, got ${outcome}`, {
    hint: 'run again when the store can be reached',
    cause,
  });
}

async function read(store: BucketStore, key: string): Promise<Uint8Array | undefined> {
  return await (await store.get(key))?.bytes();
}

async function keysUnder(store: BucketStore, prefix: string, options?: ListOptions): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of store.list(prefix, options)) if ('key' in entry) keys.push(entry.key);
  return keys;
}

function isEqual(body: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(body, other) === 0;
}

function bodyName(body: Uint8Array, stored: Uint8Array | undefined): string {
  if (stored === undefined) return 'absent';
  return isEqual(body, stored) ? 'new body' : 'another body';
}
