import { createHmac } from 'node:crypto';
import type { SourceKey } from '../harness/types.ts';

/** The keyed hash by which a source recognises its parts: HMAC-SHA256 under the user's key. */
export function sourceKey(key: Uint8Array): SourceKey {
  return {
    hmac() {
      const hmac = createHmac('sha256', key);
      return { update: (bytes) => void hmac.update(bytes), digest: () => hmac.digest('hex') };
    },
  };
}
