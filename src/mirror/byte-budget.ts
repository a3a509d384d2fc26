import type { ByteBudget } from './prepare.ts';

/**
 * At most `limit` bytes are out at once; a wish above it waits until nothing is out and then goes alone.
 * First come, first served.
 */
export function byteBudget(limit: number): ByteBudget {
  let out = 0;
  const waiting: { bytes: number; go: () => void }[] = [];
  const admit = () => {
    for (let next = waiting[0]; next && (out === 0 || out + next.bytes <= limit); next = waiting[0]) {
      waiting.shift();
      out += next.bytes;
      next.go();
    }
  };
  return {
    acquire: (bytes) =>
      new Promise((resolve) => {
        let held = bytes;
        const release = (keep = 0) => {
          out -= held;
          held = Math.min(held, keep);
          out += held;
          admit();
        };
        waiting.push({ bytes, go: () => resolve(release) });
        admit();
      }),
  };
}
