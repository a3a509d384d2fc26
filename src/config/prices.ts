import * as v from 'valibot';
import { CairnError } from '../errors.ts';

const amount = v.pipe(v.number('expected dollars for a million tokens'), v.minValue(0, 'expected no less than 0'));

const price = v.strictObject({
  input: amount,
  output: amount,
  cacheRead: v.optional(amount),
  cacheWrite: v.optional(amount),
  cacheWrite1h: v.exactOptional(amount),
});

/** US dollars for a million tokens, by the name of a model or its beginning and `*`. */
export type ModelPrices = Readonly<
  Record<
    string,
    readonly {
      readonly input: number;
      readonly output: number;
      readonly cacheRead: number;
      readonly cacheWrite: number;
      readonly cacheWrite1h?: number;
    }[]
  >
>;

/**
 * The table `[prices]` of a configuration file: `"my-model" = { input = 1.0, output = 5.0, cacheRead = 0.1 }`. What
 * is not said of a cache costs as any input.
 * @throws CairnError `config`
 */
export function parsePrices(path: string, table: unknown): ModelPrices {
  const parsed = v.safeParse(v.record(v.string(), price), table);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new CairnError('config', `${issue.message} at prices.${v.getDotPath(issue) ?? ''} in ${path}`, {
      hint: 'write "my-model" = { input = 1.0, output = 5.0 } below [prices]',
    });
  }
  return Object.fromEntries(
    Object.entries(parsed.output).map(([model, { cacheRead, cacheWrite, ...rest }]) => [
      model,
      [{ ...rest, cacheRead: cacheRead ?? rest.input, cacheWrite: cacheWrite ?? rest.input }],
    ]),
  );
}
