/** Counts by name: findings by rule, records by type. */
export type Tally = Readonly<Record<string, number>>;

export function addTallies(a: Tally, b: Tally): Tally {
  const sum: Record<string, number> = { ...a };
  for (const [name, n] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + n;
  return sum;
}
