import type { Cursor } from './cursor.ts';
import { joined } from './summary.ts';
import type { FileRef, Lineage, SessionRef, StreamRef } from './types.ts';
import { modifiedOf } from './walk.ts';

/** What discovery knows of a session beside its files. */
export type SessionDetails = Pick<SessionRef, 'cwd' | 'title' | 'agentVersion' | 'schema' | 'sessionKind'>;

interface Draft {
  details: SessionDetails;
  lineage: readonly Lineage[];
  readonly streams: Map<string, { readonly kind: Cursor['kind']; files: readonly FileRef[] }>;
}

/** Gathers files into the sessions they belong to, in whatever order they are found. */
export class Sessions {
  readonly #harness: string;
  readonly #drafts = new Map<string, Draft>();

  constructor(harness: string) {
    this.#harness = harness;
  }

  /** Adds files to a stream: candidates of its one source, or side files under their names. */
  add(id: string, stream: string, files: readonly FileRef[], kind: Cursor['kind'] = 'bytes'): void {
    if (files.length === 0) return;
    const { streams } = this.#draft(id);
    streams.set(stream, { kind, files: [...(streams.get(stream)?.files ?? []), ...files] });
  }

  /** Later details replace earlier ones. */
  describe(id: string, details: SessionDetails): void {
    const draft = this.#draft(id);
    draft.details = { ...draft.details, ...details };
  }

  /** Adds links to other sessions; one to itself is none. */
  relate(id: string, links: readonly Lineage[]): void {
    const draft = this.#draft(id);
    const others = links.filter(({ session }) => session !== id);
    draft.lineage = joined(draft.lineage, others);
  }

  /** The sessions that have files, bases before what departs from them. */
  *refs(): Generator<SessionRef> {
    const given = new Set<string>();
    for (const id of this.#drafts.keys()) yield* this.#withBases(id, given);
  }

  /** With a stack of its own: a chain of forks may be longer than the call stack, or a circle. */
  *#withBases(id: string, given: Set<string>): Generator<SessionRef> {
    const stack = [{ id, entered: false }];
    for (let top = stack.pop(); top; top = stack.pop()) {
      const draft = this.#drafts.get(top.id);
      if (draft === undefined) continue;
      if (top.entered) {
        if (draft.streams.size > 0) yield this.#ref(top.id, draft);
      } else if (!given.has(top.id)) {
        given.add(top.id);
        stack.push({ id: top.id, entered: true });
        for (const { session } of draft.lineage) stack.push({ id: session, entered: false });
      }
    }
  }

  #ref(id: string, { details, lineage, streams }: Draft): SessionRef {
    const refs: StreamRef[] = [...streams].map(([name, { kind, files }]) => ({
      name,
      kind,
      files: kind === 'versions' ? newestOfEach(files) : files,
    }));
    refs.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
    const modified = refs.reduce((newest, { files }) => Math.max(newest, modifiedOf(files)), 0);
    return { harness: this.#harness, id, modified, streams: refs, ...details, lineage };
  }

  #draft(id: string): Draft {
    const known = this.#drafts.get(id);
    if (known) return known;
    const draft: Draft = { details: {}, lineage: [], streams: new Map() };
    this.#drafts.set(id, draft);
    return draft;
  }
}

/** The transcript first, side files last. */
function rank({ name, kind }: StreamRef): number {
  return name === 'main' ? 0 : kind === 'bytes' ? 1 : 2;
}

/** A session found in two folders may have one side file twice. */
function newestOfEach(files: readonly FileRef[]): readonly FileRef[] {
  const newest = new Map<string | undefined, FileRef>();
  for (const file of files) {
    const known = newest.get(file.name);
    if (known === undefined || BigInt(file.stamp.mtime) > BigInt(known.stamp.mtime)) newest.set(file.name, file);
  }
  return [...newest.values()];
}
