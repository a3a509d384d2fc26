/** `set` is what stands between the brackets of a pattern. */
export function characterTable(set: string): Uint8Array {
  const pattern = new RegExp(`[${set}]`);
  return Uint8Array.from({ length: 256 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0));
}
