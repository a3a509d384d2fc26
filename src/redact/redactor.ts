import type { RedactionSettings } from '../config/redaction.ts';
import { continueKey } from './continued.ts';
import { type Edit, originalOffset } from './edits.ts';
import { type Inspected, inspect, joinInspected, slicesOf } from './inspect.ts';
import { createMarks } from './mark.ts';
import { createMemory, type Fingerprint } from './memory.ts';
import { policyOf } from './policy.ts';
import { rank } from './rules/rule.ts';
import type { Finding } from './scanner.ts';
import { createScopes, type Scope } from './scope.ts';
import type { Redacted, Redactor } from './types.ts';

export interface RedactorOptions {
  /** Key of the marks and of the memory: 32 random bytes that never enter a bucket. */
  readonly key: Uint8Array;
  /** What earlier redactors of the same session and key learned. */
  readonly remembered?: readonly Fingerprint[];
  /** What the user's configuration changes. */
  readonly settings?: RedactionSettings;
  /** Told of everything that is replaced, line by line. */
  readonly report?: (replaced: Replaced) => void;
  /** Puts the parts of a block together; without it in memory of their own. */
  readonly join?: (parts: readonly Uint8Array[]) => Uint8Array;
}

/** Bytes `[from, to)` of a block that were replaced. */
export interface Replaced {
  readonly from: number;
  readonly to: number;
  readonly rule: string;
  readonly mark: string;
  /** Known from elsewhere in the session: no rule sees it in this place. */
  readonly remembered: boolean;
}

/** Findings of findings: a line that was changed is looked at again until nothing more is found in it. */
const rounds = 4;

/** A key may go on behind this many records that have no part of it. */
const patience = 3;

/** A redactor for one session. It throws on a defect and never returns text that it did not look at. */
export function createRedactor(options: RedactorOptions): Redactor {
  const { key, report: tell, join = Buffer.concat } = options;
  const memory = createMemory(key, options.remembered);
  const mark = createMarks(key, memory);
  const policy = policyOf(options);
  const scopeOf = policy.scoped ? createScopes() : undefined;
  /** Records that are still looked at for the rest of a key. */
  let awaited = 0;

  function redact(given: Uint8Array, inspected?: Inspected): Redacted {
    // A Buffer's search for a byte is native, that of a plain Uint8Array is not.
    const block = Buffer.from(given.buffer, given.byteOffset, given.length);
    const scopes = scopeOf && readScopes(block, scopeOf);
    const { findings, images } = inspected ?? inspectAll(block);
    const pieces = findAll(block, scopes, findings, true);
    if (pieces.length === 0) return { block: given, found: {}, images };
    const found: Record<string, number> = {};
    const parts: Uint8Array[] = [];
    let at = 0;
    for (let i = 0; i < pieces.length; ) {
      const { from, to } = lineOf(block, (pieces[i] as Piece).from, at);
      const first = i;
      while (i < pieces.length && (pieces[i] as Piece).from < to) i += 1;
      parts.push(
        block.subarray(at, from),
        redactLine(block.subarray(from, to), pieces.slice(first, i), from, found, scopes?.(from)),
      );
      at = to;
    }
    parts.push(block.subarray(at));
    return { block: join(parts), found, images };
  }

  function redactLine(
    line: Buffer,
    pieces: readonly Piece[],
    offset: number,
    found: Record<string, number>,
    scope: Scope | undefined,
  ): Buffer {
    let current: Buffer = splice(line, pieces, offset, found);
    const earlier = [report(pieces, offset, [], offset)];
    for (let round = 1; round < rounds; round += 1) {
      const more = findAll(current, () => scope);
      if (more.length === 0) break;
      current = splice(current, more, 0, found);
      earlier.unshift(report(more, 0, earlier, offset));
    }
    return current;
  }

  /** `earlier`: what was done to the line before these pieces were found in it, the latest first. */
  function report(
    pieces: readonly Piece[],
    offset: number,
    earlier: readonly (readonly Edit[])[],
    lineStart: number,
  ): readonly Edit[] {
    if (!tell) return [];
    for (const { from, to, rule, rank, mark } of pieces) {
      const place = (at: number, end: boolean) =>
        lineStart + earlier.reduce((offset, edits) => originalOffset(edits, offset, end), at - offset);
      tell({ from: place(from, false), to: place(to, true), rule, mark, remembered: rank === 0 });
    }
    return pieces.map(({ from, to, mark }) => ({ from: from - offset, to: to - offset, length: mark.length }));
  }

  function inspectAll(block: Buffer): Inspected {
    const slices = slicesOf(block);
    if (slices.length === 2) return inspect(policy, block, 0, block.length);
    return joinInspected(slices.slice(1).map((to, i) => inspect(policy, block, slices[i] as number, to)));
  }

  /** `follow`: keys that a record of this block, or of the one before, left open. */
  function findAll(
    block: Buffer,
    scopes: ((at: number) => Scope | undefined) | undefined,
    findings = inspectAll(block).findings,
    follow = false,
  ): readonly Piece[] {
    const pieces: Piece[] = [];
    const openAfter: number[] = [];
    const take = (finding: Finding) => {
      if (!policy.replaces(finding.rule, finding.secret, scopes?.(finding.from))) return;
      if (finding.open) openAfter.push(finding.to);
      if (finding.secret === '') return;
      const text = policy.instead(finding.rule) ?? mark(finding);
      pieces.push({ from: finding.from, to: finding.to, rule: finding.rule, rank: finding.rank, mark: text });
    };
    for (const finding of findings) take(finding);
    if (follow) followKeys(block, openAfter, take);
    memory.search(block, (from, to, print) => pieces.push({ from, to, rule: print.rule, rank: 0, mark: print.mark }));
    return settle(pieces);
  }

  function followKeys(block: Buffer, openAfter: readonly number[], take: (finding: Finding) => void): void {
    const starts = linesBehind(block, openAfter);
    let next = 0;
    for (let from = awaited > 0 ? 0 : (starts[0] ?? block.length); from < block.length; ) {
      if (starts[next] === from) {
        awaited = patience;
        next += 1;
      }
      const to = lineEnd(block, from);
      const { parts, open } = continueKey(block, from, to);
      for (const part of parts) take({ ...part, rule: 'private-key', rank: rank.key, open: false });
      if (parts.length > 0) awaited = open ? patience : 0;
      else awaited -= 1;
      from = awaited > 0 ? to : (starts[next] ?? block.length);
    }
    if (starts.at(-1) === block.length) awaited = patience;
  }

  return { id: policy.id, redact, learned: memory.learned };
}

/** The scopes of a block's lines by the offset of anything in them; all lines are read, as calls come before results. */
function readScopes(block: Buffer, scopeOf: (line: Uint8Array) => Scope): (at: number) => Scope | undefined {
  const scopes: { readonly end: number; readonly scope: Scope }[] = [];
  for (let from = 0; from < block.length; ) {
    const end = lineEnd(block, from);
    scopes.push({ end, scope: scopeOf(block.subarray(from, end)) });
    from = end;
  }
  return (at) => {
    let low = 0;
    let high = scopes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at < (scopes[middle]?.end ?? 0)) high = middle;
      else low = middle + 1;
    }
    return scopes[low]?.scope;
  };
}

/** Raw bytes `[from, to)` of a block and what takes their place. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly rule: string;
  readonly rank: number;
  readonly mark: string;
}

/** In order, without overlap: pieces that overlap become one, named by the highest rank. */
function settle(pieces: Piece[]): readonly Piece[] {
  if (pieces.every((piece, i) => i === 0 || piece.from >= (pieces[i - 1] as Piece).to)) return pieces;
  pieces.sort((a, b) => a.from - b.from || b.to - a.to);
  const settled: Piece[] = [];
  for (const piece of pieces) {
    const last = settled.at(-1);
    if (last === undefined || piece.from >= last.to) settled.push(piece);
    else {
      const name = piece.rank > last.rank ? piece : last;
      settled[settled.length - 1] = { ...name, from: last.from, to: Math.max(last.to, piece.to) };
    }
  }
  return settled;
}

const mostByHand = 64;

/** `pieces` are counted from `offset` before the line's first byte. */
function splice(line: Buffer, pieces: readonly Piece[], offset: number, found: Record<string, number>): Buffer {
  const length = pieces.reduce((sum, { from, to, mark }) => sum - (to - from) + mark.length, line.length);
  const spliced = Buffer.allocUnsafe(length);
  let at = 0;
  let end = 0;
  for (const { from, to, rule, mark } of pieces) {
    found[rule] = (found[rule] ?? 0) + 1;
    // Little is copied faster here than by a call.
    if (from - offset - at > mostByHand) end += line.copy(spliced, end, at, from - offset);
    else for (; at < from - offset; at += 1) spliced[end++] = line[at] as number;
    for (let i = 0; i < mark.length; i += 1) spliced[end++] = mark.charCodeAt(i);
    at = to - offset;
  }
  line.copy(spliced, end, at);
  return spliced;
}

/** The line around `at`, which begins at `earliest` or later. */
function lineOf(block: Buffer, at: number, earliest: number): { readonly from: number; readonly to: number } {
  return { from: Math.max(earliest, block.lastIndexOf(0x0a, at) + 1), to: lineEnd(block, at) };
}

/** Where the lines behind those of `places` begin, each once and in order. */
function linesBehind(block: Buffer, places: readonly number[]): readonly number[] {
  const starts: number[] = [];
  for (const at of [...places].sort((a, b) => a - b)) if (at >= (starts.at(-1) ?? 0)) starts.push(lineEnd(block, at));
  return starts;
}

/** The offset behind the line around `at`. */
function lineEnd(block: Buffer, at: number): number {
  const newline = block.indexOf(0x0a, at);
  return newline < 0 ? block.length : newline + 1;
}
