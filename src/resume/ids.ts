import type { Runtime } from '../runtime.ts';

/** A new UUID of version 7: codex orders threads by the time in theirs. */
export function newUuid(runtime: Runtime): string {
  const digits = (count: number) =>
    Array.from({ length: count }, () => Math.floor(runtime.random() * 16).toString(16)).join('');
  const time = runtime.now().toString(16).padStart(12, '0');
  const variant = (8 + Math.floor(runtime.random() * 4)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits(3)}-${variant}${digits(3)}-${digits(12)}`;
}
