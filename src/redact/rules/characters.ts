const latin1 = Buffer.from(Uint8Array.from({ length: 256 }, (_, code) => code)).toString('latin1');

/** `set` is what stands between the brackets of a pattern. */
export function characterTable(set: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const { index } of latin1.matchAll(new RegExp(`[${set}]`, 'g'))) table[index] = 1;
  return table;
}
