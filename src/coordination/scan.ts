import { redactText } from '../redact/text.ts';
import type { Redactor } from '../redact/types.ts';
import { bodiesPrefix, parseSlotKey, projectPrefix, slotFolderPrefix } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';

/** Where agents keep what they share. */
const folders = ['tasks', 'messages', 'memory', 'artifacts', 'marks'] as const;
/** Larger files are not looked into here. */
const largestBlob = 64 << 20;

/** What was found in a slot, or in a blob of one. Shapes are law for `--json`: docs/json.md. */
export type SharedFinding =
  | { readonly event: 'found'; readonly shared: string; readonly redactions: Readonly<Record<string, number>> }
  | { readonly event: 'skipped'; readonly shared: string; readonly bytes: number };

/**
 * Goes over what agents share, old versions too, with the rules of today. Nothing is changed: slots are history.
 * @param redactor called for each object: what one teaches is of no use in another
 */
export async function* scanShared(
  store: BucketStore,
  project: string,
  redactor: () => Redactor,
  options: RequestOptions = {},
): AsyncGenerator<SharedFinding> {
  const prefixes = [...folders.map((folder) => slotFolderPrefix(project, folder)), bodiesPrefix(project)];
  for (const prefix of prefixes) {
    for await (const entry of store.list(prefix, options)) {
      if (!('key' in entry)) continue;
      const slot = parseSlotKey(project, entry.key);
      const shared = slot ? `${slot.path}/${slot.n}` : entry.key.slice(projectPrefix(project).length);
      if (entry.size > largestBlob) {
        yield { event: 'skipped', shared, bytes: entry.size };
        continue;
      }
      const bytes = await (await store.get(entry.key, options))?.bytes();
      if (!bytes) continue; // removed meanwhile
      const { found } = redactText(redactor(), bytes);
      if (Object.keys(found).length > 0) yield { event: 'found', shared, redactions: found };
    }
  }
}
