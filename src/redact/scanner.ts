import { type Automaton, createAutomaton, Hits } from './automaton.ts';
import { findCut } from './bridge.ts';
import { gluedLikely, hiddenLikely, runEnd } from './raw.ts';
import { type Rule, rank, type Span } from './rules/rule.ts';
import { createView, type View } from './view.ts';

/** Raw bytes `[from, to)` of a block that are a secret, and the secret as its writer meant it. */
export interface Finding {
  readonly from: number;
  readonly to: number;
  readonly rule: string;
  readonly rank: number;
  readonly secret: string;
  /** A key whose end is in another string or record. */
  readonly open: boolean;
}

/** Finds what the rules know: first by words in the raw bytes, then, around those, by the rules in a view. */
export interface Scanner {
  /** Calls `take` for every finding, nearly in order; findings may overlap. */
  scan(block: Buffer, take: (finding: Finding) => void): void;
}

/** Raw bytes before a trigger that every rule may see: the rest of a name, and what stands before it. */
const usualBack = 160;
/** Raw bytes seen behind an escape that hides something. */
const hiddenReach = 300;
/** A run of token characters longer than this is data and not a token. */
const longestRun = 1 << 16;
/** A region is looked at when it has this many bytes, however close the next hit is: bounds the views. */
const largestRegion = 1 << 16;
/** Bytes that the automaton takes at a time: bounds the list of hits. */
const stretch = 1 << 20;

/** Words that only say: look at this place with its escapes undone. */
const looks = [
  { words: ['\\u00'], likely: hiddenLikely },
  { words: ['\\u001b', '\u001b', '\\x1b', '\\033'], likely: gluedLikely },
] as const;

interface Lines {
  /** Where the line that `at` lies in ends. */
  endOf(at: number): number;
}

/** Remembers the line it looked at last: a long one with many hits is searched for its end once. */
function linesOf(block: Buffer): Lines {
  let start = 0;
  let end = -1;
  return {
    endOf(at) {
      if (at < start || at > end) {
        const newline = block.indexOf(0x0a, at);
        start = at;
        end = newline < 0 ? block.length : newline;
      }
      return end;
    },
  };
}

export function createScanner(rules: readonly Rule[]): Scanner {
  const { automaton, words, longest } = indexTriggers(rules);
  const hits = new Hits();
  const inner = new Hits();
  /** For each rule, the end of what it found last in the view at hand. */
  const done = new Int32Array(rules.length);

  function scan(block: Buffer, take: (finding: Finding) => void): void {
    const lines = linesOf(block);
    let region: Region | undefined;
    for (let from = 0; from < block.length; from += stretch) {
      hits.length = 0;
      automaton.scan(block, Math.max(0, from - longest + 1), Math.min(block.length, from + stretch), hits);
      for (let i = 0; i < hits.length; i += 1) {
        const end = hits.ends[i] as number;
        if (end <= from) continue;
        const next = regionOf(block, hits.states[i] as number, end);
        if (next === undefined) continue;
        if (region !== undefined && (next.from > region.to || region.to - region.from > largestRegion)) {
          look(block, lines, region, take);
          region = undefined;
        }
        region =
          region === undefined ? next : { from: Math.min(region.from, next.from), to: Math.max(region.to, next.to) };
      }
    }
    if (region !== undefined) look(block, lines, region, take);
  }

  /** What the rules want to see around a hit, nothing where none of them cares. */
  function regionOf(block: Uint8Array, state: number, end: number): Region | undefined {
    let reach = 0;
    let back = usualBack;
    for (const index of automaton.words(state)) {
      const word = words[index] as Word;
      const from = end - word.length;
      if (word.likely?.(block, from, end) === true) reach = Math.max(reach, hiddenReach);
      for (const { rule } of word.rules) {
        if (rule.likely !== undefined && !rule.likely(block, from, end)) continue;
        reach = Math.max(reach, rule.reach);
        back = Math.max(back, rule.back ?? 0);
      }
    }
    return reach === 0 ? undefined : { from: Math.max(0, end - back), to: Math.min(block.length, end + reach) };
  }

  /** A region may lie over several lines; a view never does. */
  function look(block: Buffer, lines: Lines, region: Region, take: (finding: Finding) => void): void {
    let from = region.from;
    while (from < region.to) {
      const lineEnd = lines.endOf(from);
      if (lineEnd > from) lookAt(createView(block, from, Math.min(region.to, lineEnd), lineEnd), lineEnd, take);
      from = lineEnd + 1;
    }
  }

  function lookAt(view: View, lineEnd: number, take: (finding: Finding) => void): void {
    inner.length = 0;
    automaton.scan(view.bytes, 0, view.bytes.length, inner);
    done.fill(0);
    for (let i = 0; i < inner.length; i += 1) {
      const end = inner.ends[i] as number;
      for (const index of automaton.words(inner.states[i] as number)) {
        const word = words[index] as Word;
        const from = end - word.length;
        for (const { rule, slot } of word.rules) {
          if (from < (done[slot] as number)) continue;
          const spans = rule.find(view, from, end);
          const cut = rule.rank === rank.token ? findCut(view, rule, from, end, spans) : [];
          for (const span of [...spans, ...cut]) {
            done[slot] = Math.max(done[slot] as number, span.to);
            for (const part of withinStrings(view, span)) {
              const finding = toFinding(view, part, lineEnd, rule);
              if (finding !== undefined) take(finding);
            }
          }
        }
      }
    }
  }

  return { scan };
}

interface Region {
  readonly from: number;
  readonly to: number;
}

interface Word {
  readonly length: number;
  readonly rules: readonly { readonly rule: Rule; readonly slot: number }[];
  readonly likely: Rule['likely'];
}

function indexTriggers(rules: readonly Rule[]): { automaton: Automaton; words: readonly Word[]; longest: number } {
  const texts = new Set([...rules.flatMap((rule) => rule.triggers), ...looks.flatMap(({ words }) => words)]);
  const words = [...texts].map((text) => ({
    length: text.length,
    rules: rules.map((rule, slot) => ({ rule, slot })).filter(({ rule }) => rule.triggers.includes(text)),
    likely: looks.find((look) => (look.words as readonly string[]).includes(text))?.likely,
  }));
  return { automaton: createAutomaton([...texts]), words, longest: Math.max(...words.map(({ length }) => length)) };
}

/** Parts shorter than this, between the quotes of an array of lines, are no secret. */
const shortestPart = 12;

/** A secret over several strings of a record is cut at their quotes, so that the record stays what it is. */
function withinStrings(view: View, span: Span): readonly Span[] {
  const quotes: number[] = [];
  // Of the span alone: the next quote may be far behind it.
  const text = view.text.slice(span.from, span.to);
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    if (view.depth(span.from + at) === 0) quotes.push(span.from + at);
  }
  if (quotes.length === 0) return [span];
  const parts: Span[] = [{ from: span.from, to: quotes[0] as number }];
  for (let i = 1; i < quotes.length; i += 2)
    parts.push({ from: (quotes[i] as number) + 1, to: quotes[i + 1] ?? span.to });
  return parts.filter(({ from, to }) => to - from >= shortestPart);
}

/** A secret that reaches the edge of its view goes on to the end of its run of token characters. */
function toFinding(view: View, span: Span, lineEnd: number, rule: Rule): Finding | undefined {
  const from = view.start(span.from);
  let to = view.end(span.to - 1);
  if (span.to === view.text.length && view.cut) {
    const limit = Math.min(lineEnd, to + longestRun);
    to = runEnd(view.raw, to, limit);
    if (to === limit && limit < lineEnd) return undefined;
  }
  const secret = view.text.slice(span.from, span.to);
  return {
    from,
    to,
    rule: rule.name,
    rank: rule.rank,
    secret,
    open: rule.rank === rank.key && !secret.includes('-----END'),
  };
}
