import { type Automaton, createAutomaton, Hits } from './automaton.ts';
import { createMarks } from './mark.ts';
import { gluedLikely, hiddenLikely, runEnd } from './raw.ts';
import { rules as allRules, ruleSetId } from './rules/all.ts';
import type { Rule } from './rules/rule.ts';
import type { Redacted, Redactor } from './types.ts';
import { createView, type View } from './view.ts';

export interface RedactorOptions {
  /** Key of the marks: 32 random bytes that never enter a bucket. */
  readonly key: Uint8Array;
}

/** Raw bytes `[from, to)` of a block that are a secret. */
interface Finding {
  readonly from: number;
  readonly to: number;
  readonly rule: string;
  readonly rank: number;
  readonly secret: string;
}

/** Raw bytes before a trigger that a rule may need to see. */
const reachBack = 160;
const glueReach = 300;
/** A run of token characters longer than this is data and not a token. */
const longestRun = 1 << 16;
/** Bytes that the automaton takes at a time: bounds the list of hits. */
const stretch = 1 << 20;

/** Words that only say: look at this place with its escapes undone. */
const lookTriggers = [
  { words: ['\\u00'], likely: hiddenLikely },
  { words: ['\\u001b', '\u001b', '\\x1b', '\\033'], likely: gluedLikely },
] as const;

/** A redactor for one session. Throws on a defect; it never returns text that it did not look at. */
export function createRedactor(options: RedactorOptions): Redactor {
  const mark = createMarks(options.key);
  const index = indexTriggers(allRules);
  const hits = new Hits();
  const inner = new Hits();

  function redact(block: Uint8Array): Redacted {
    const findings = findAll(block);
    if (findings.length === 0) return { block, found: {} };
    const found: Record<string, number> = {};
    const pieces: Uint8Array[] = [];
    let at = 0;
    for (const finding of findings) {
      found[finding.rule] = (found[finding.rule] ?? 0) + 1;
      pieces.push(block.subarray(at, finding.from), mark(finding.rule, finding.secret));
      at = finding.to;
    }
    pieces.push(block.subarray(at));
    return { block: Buffer.concat(pieces), found };
  }

  function findAll(block: Uint8Array): readonly Finding[] {
    const findings: Finding[] = [];
    let region: Region | undefined;
    for (let from = 0; from < block.length; from += stretch) {
      hits.length = 0;
      const start = Math.max(0, from - index.longest + 1);
      index.automaton.scan(block, start, Math.min(block.length, from + stretch), hits);
      for (let i = 0; i < hits.length; i += 1) {
        const end = hits.ends[i] as number;
        if (end <= from) continue;
        const reach = reachOf(block, hits.states[i] as number, end);
        if (reach === 0) continue;
        if (region !== undefined && end - reachBack <= region.to) region.to = Math.max(region.to, end + reach);
        else {
          if (region !== undefined) look(block, region, findings);
          region = { from: Math.max(0, end - reachBack), to: end + reach };
        }
      }
    }
    if (region !== undefined) look(block, region, findings);
    return settle(findings);
  }

  /** How far behind a hit the rules want to see, 0 where none of them cares. */
  function reachOf(block: Uint8Array, state: number, end: number): number {
    let reach = 0;
    for (const word of index.automaton.words(state)) {
      const { length, rules, likely } = index.words[word] as Word;
      const from = end - length;
      if (likely?.(block, from, end) === true) reach = Math.max(reach, glueReach);
      for (const rule of rules) {
        if (rule.reach > reach && (rule.likely === undefined || rule.likely(block, from, end))) reach = rule.reach;
      }
    }
    return reach;
  }

  /** Looks at a region line by line. */
  function look(block: Uint8Array, region: Region, findings: Finding[]): void {
    let from = region.from;
    const to = Math.min(block.length, region.to);
    while (from < to) {
      const newline = block.indexOf(0x0a, from);
      const lineEnd = newline < 0 ? block.length : newline;
      if (lineEnd > from) lookAt(createView(block, from, Math.min(to, lineEnd), lineEnd), lineEnd, findings);
      from = lineEnd + 1;
    }
  }

  function lookAt(view: View, lineEnd: number, findings: Finding[]): void {
    inner.length = 0;
    index.automaton.scan(view.bytes, 0, view.bytes.length, inner);
    const seen = new Map<Rule, number>();
    for (let i = 0; i < inner.length; i += 1) {
      const end = inner.ends[i] as number;
      for (const word of index.automaton.words(inner.states[i] as number)) {
        const { length, rules } = index.words[word] as Word;
        for (const rule of rules) {
          if (end - length < (seen.get(rule) ?? 0)) continue;
          for (const span of rule.find(view, end - length, end)) {
            seen.set(rule, Math.max(seen.get(rule) ?? 0, span.to));
            const finding = toFinding(view, span.from, span.to, lineEnd, rule);
            if (finding !== undefined) findings.push(finding);
          }
        }
      }
    }
  }

  return { id: ruleSetId(allRules), redact };
}

interface Region {
  readonly from: number;
  to: number;
}

interface Word {
  readonly length: number;
  readonly rules: readonly Rule[];
  readonly likely: Rule['likely'];
}

interface TriggerIndex {
  readonly automaton: Automaton;
  readonly words: readonly Word[];
  readonly longest: number;
}

function indexTriggers(rules: readonly Rule[]): TriggerIndex {
  const byWord = new Map<string, { rules: Rule[]; likely: Rule['likely'] }>();
  const entry = (word: string) => {
    const known = byWord.get(word) ?? { rules: [], likely: undefined };
    byWord.set(word, known);
    return known;
  };
  for (const rule of rules) for (const word of rule.triggers) entry(word).rules.push(rule);
  for (const { words, likely } of lookTriggers) for (const word of words) entry(word).likely = likely;
  const words = [...byWord.keys()];
  return {
    automaton: createAutomaton(words),
    words: words.map((word) => ({
      length: word.length,
      rules: byWord.get(word)?.rules ?? [],
      likely: byWord.get(word)?.likely,
    })),
    longest: Math.max(...words.map((word) => word.length)),
  };
}

/** A secret that reaches the edge of its view goes on to the end of its run of token characters. */
function toFinding(view: View, from: number, to: number, lineEnd: number, rule: Rule): Finding | undefined {
  const start = view.start(from);
  let end = view.end(to - 1);
  if (to === view.text.length && view.cut) {
    const limit = Math.min(lineEnd, end + longestRun);
    const extended = runEnd(view.raw, end, limit);
    if (extended === limit && limit < lineEnd) return undefined;
    end = extended;
  }
  return { from: start, to: end, rule: rule.name, rank: rule.rank, secret: view.text.slice(from, to) };
}

/** In order, without overlap: findings that touch become one, named by the highest rank. */
function settle(findings: Finding[]): readonly Finding[] {
  findings.sort((a, b) => a.from - b.from || b.to - a.to);
  const settled: Finding[] = [];
  for (const finding of findings) {
    const last = settled.at(-1);
    if (last === undefined || finding.from >= last.to) settled.push(finding);
    else {
      const name = finding.rank > last.rank ? finding : last;
      settled[settled.length - 1] = { ...name, from: last.from, to: Math.max(last.to, finding.to) };
    }
  }
  return settled;
}
