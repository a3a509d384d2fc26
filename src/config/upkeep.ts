import * as v from 'valibot';
import { CairnError } from '../errors.ts';

const age = v.pipe(
  v.string('expected an age in quotes'),
  v.regex(/^\d{1,5}[dw]$/, 'expected an age such as 90d or 12w'),
  v.transform((text) => Number.parseInt(text, 10) * (text.endsWith('w') ? 7 : 1)),
  v.minValue(1, 'expected at least 1d'),
);

const rule = v.strictObject({
  'older-than': age,
  'keep-last': v.optional(
    v.pipe(v.number('expected a number'), v.integer('expected a whole number'), v.minValue(0)),
    0,
  ),
});

const upkeep = v.strictObject({
  compact: v.optional(v.boolean('expected true or false'), false),
  retention: v.optional(v.record(v.string(), rule), {}),
});

/** Which sessions of an agent may go from the bucket. */
export interface RetentionRule {
  /** Where nothing happened for so many days. */
  readonly olderDays: number;
  /** The newest so many stay. */
  readonly keepLast: number;
}

/** What a live mirror does besides mirroring, once a day. */
export interface Upkeep {
  /** Packs the small parts of sessions that are over. */
  readonly compact: boolean;
  /** By the name of the agent, or `*` for all that have no rule of their own. */
  readonly retention: Readonly<Record<string, RetentionRule>>;
}

/**
 * The table `[upkeep]` of the user's configuration file.
 * @throws CairnError `config`
 */
export function parseUpkeep(path: string, table: unknown): Upkeep {
  const parsed = v.safeParse(upkeep, table);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new CairnError('config', `${issue.message} at upkeep.${v.getDotPath(issue) ?? ''} in ${path}`, {
      hint: 'write compact = true below [upkeep], older-than = "90d" and keep-last = 20 below [upkeep.retention.codex]',
    });
  }
  const { compact, retention } = parsed.output;
  return {
    compact,
    retention: Object.fromEntries(
      Object.entries(retention).map(([agent, { 'older-than': olderDays, 'keep-last': keepLast }]) => [
        agent,
        { olderDays, keepLast },
      ]),
    ),
  };
}
