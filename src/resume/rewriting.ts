import type { RestoreTarget, Restoring } from '../harness/index.ts';

/** What stands in the transcript, and what it becomes on this host. */
export interface PathMapping {
  readonly from: string;
  readonly to: string;
  /** Wherever the path stands; otherwise only where a record tells its working directory. */
  readonly everywhere: boolean;
}

/**
 * Makes records of one host into those of another: ids where it becomes a fork, working directories, what the user
 * asked for, and what the harness knows of. Bytes that are not meant stay as they are. Gives nothing where there is
 * nothing to do.
 */
export function rewritingOf(
  restoring: Pick<Restoring, 'rewrite'>,
  target: RestoreTarget,
  mappings: readonly PathMapping[],
): (block: Uint8Array) => Uint8Array {
  const swaps: (readonly [needle: string, with_: (text: string) => string])[] = [];
  for (const id of oldIds(target)) swaps.push([id, (text) => text.replaceAll(id, target.session)]);
  for (const { from, to, everywhere } of mappings) {
    if (from === to || from === '') continue;
    const [old, now] = [asLatin1(from), asLatin1(to)];
    const pattern = everywhere
      ? new RegExp(`${escaped(old)}(?![\\w.-])`, 'g')
      : new RegExp(`("cwd":")${escaped(old)}(?=["/\\\\])`, 'g');
    swaps.push([old, (text) => text.replace(pattern, (_match, before) => `${everywhere ? '' : before}${now}`)]);
  }
  return (block) => {
    const bytes = Buffer.from(block.buffer, block.byteOffset, block.length);
    let changed: Uint8Array = block;
    if (swaps.some(([needle]) => bytes.includes(needle, 0, 'latin1'))) {
      // Latin 1 keeps every byte, valid text or not.
      let text = bytes.toString('latin1');
      for (const [, swap] of swaps) text = swap(text);
      changed = Buffer.from(text, 'latin1');
    }
    return restoring.rewrite?.(changed, target) ?? changed;
  };
}

/** The session's; of a sub-agent with an id of a session's form also that one. */
function oldIds({ from, session, agent }: RestoreTarget): readonly string[] {
  if (from === session) return [];
  return agent !== undefined && /^[0-9a-f-]{36}$/i.test(agent) ? [from, agent] : [from];
}

/** A path as it stands in JSON, byte for byte. */
function asLatin1(path: string): string {
  return Buffer.from(JSON.stringify(path).slice(1, -1)).toString('latin1');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
