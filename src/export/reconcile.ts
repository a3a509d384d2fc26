import { type MarkedBlock, readBlocks, writeMarkdown } from './markdown.ts';
import type { ExportSource } from './source.ts';

/** An event that is not the same in the session and in a file made of it. */
export interface Difference {
  readonly stream: string;
  readonly seq: number;
  readonly kind: string;
  /** `missing` in the file, `extra` in it, or there with another text. */
  readonly difference: 'missing' | 'extra' | 'changed';
}

export interface Reconciled {
  /** The file is what would be written now, to the byte. */
  readonly identical: boolean;
  readonly blocks: number;
  readonly differences: readonly Difference[];
}

/** Compares a Markdown file with the session that it was made from. */
export async function reconcile(source: ExportSource, markdown: string): Promise<Reconciled> {
  let expected = '';
  for await (const piece of writeMarkdown(source)) expected += piece;
  const [wanted, found] = [byEvent(readBlocks(expected)), byEvent(readBlocks(markdown))];
  const differences: Difference[] = [];
  for (const [id, { stream, seq, kind, text }] of wanted) {
    const other = found.get(id);
    if (!other) differences.push({ stream, seq, kind, difference: 'missing' });
    else if (other.text !== text) differences.push({ stream, seq, kind, difference: 'changed' });
  }
  for (const [id, { stream, seq, kind }] of found) {
    if (!wanted.has(id)) differences.push({ stream, seq, kind, difference: 'extra' });
  }
  return { identical: expected === markdown, blocks: wanted.size, differences };
}

function byEvent(blocks: readonly MarkedBlock[]): Map<string, MarkedBlock> {
  return new Map(blocks.map((block) => [`${block.stream} ${block.seq}`, block]));
}
