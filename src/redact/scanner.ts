import { findCut } from './bridge.ts';
import { Engine } from './engine.ts';
import { always, type Look } from './looks.ts';
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
  /** A key whose end is in another string or record; of no length where only its heading stands here. */
  readonly open: boolean;
}

/** Finds what the rules know: first by words in the raw bytes, then, around those, by the rules in a view. */
export interface Scanner {
  /** Calls `take` for every finding, nearly in order; findings may overlap. */
  scan(block: Buffer, take: (finding: Finding) => void): Scanned;
}

export interface Scanned {
  /** Base64 that is worth a look. */
  readonly runs: readonly Run[];
  /** Images in base64. */
  readonly images: number;
}

/** Bytes `[from, to)` of a block that are base64. */
export interface Run extends Span {
  /** What it holds begins with readable text. */
  readonly isText: boolean;
}

/** Raw bytes before a trigger that every rule may see: the rest of a name, and what stands before it. */
const usualBack = 160;
/** A rule that wants to see more than this behind a trigger sees far. */
const farReach = 1000;
/** Raw bytes seen behind an escape that hides something. */
const hiddenReach = 300;
/** A run of token characters longer than this is data and not a token. */
const longestRun = 1 << 16;
/** A region is looked at when it has this many bytes, however close the next hit is: bounds the views. */
const largestRegion = 1 << 16;
/**
 * A stretch of more characters in which a rule found nothing is read by it so often, or so many characters of it, whatever
 * triggers stand in it.
 */
const longStretch = 200;
const mostReadings = 16;
const mostRead = 12_000;
/** Characters below which base64 holds no secret worth the look. */
const shortestRun = 40;

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
  const words = wordsOf(rules);
  const engine = new Engine(words);
  const places: (Place | undefined)[] = [];
  /** For each rule, the end of what it found last in the view at hand. */
  const done = new Int32Array(rules.length);
  /** The end of the stretch that it read in vain, and how often it did. */
  const read = new Int32Array(rules.length);
  const readings = new Int32Array(rules.length);
  const characters = new Int32Array(rules.length);

  function scan(block: Buffer, take: (finding: Finding) => void): Scanned {
    const lines = linesOf(block);
    const runs: Span[] = [];
    let last: Region | undefined;
    for (let from = 0; from < block.length; from += engine.windowSize) {
      const size = engine.load(block, from);
      const regions: Region[] = last === undefined ? [] : [last];
      engine.findWords(size, (end, link) => addRegion(regions, block, link, from, end));
      engine.findBase64(size, (start, end) => joinRuns(runs, from + start, from + end));
      // The last region may go on in the next window.
      last = regions.pop();
      for (const region of regions) look(block, lines, region, take);
    }
    if (last !== undefined) look(block, lines, last, take);
    const worthwhile = runs
      .filter(({ from, to }) => to - from >= shortestRun)
      .map(({ from, to }) => {
        // The letter of an escape such as `\n` is not part of the run behind it.
        const start = block[from - 1] === 0x5c ? from + 1 : from;
        return { from: start, to, isText: engine.isText(block, start) };
      });
    return { runs: worthwhile, images: engine.takeImages() };
  }

  /** Adds what the rules want to see around a hit, nothing where none of them cares. */
  function addRegion(regions: Region[], block: Uint8Array, link: number, window: number, behind: number): void {
    places[link] ??= placeOf(
      engine,
      engine.wordsOf(link).map((index) => words[index] as Word),
    );
    const { asked, far, reach: known, back: farthest } = places[link];
    const end = window + behind;
    let reach = known;
    let back = farthest;
    for (const { length, likely, rule } of asked) {
      if (!likely(block, end - length, end)) continue;
      reach = Math.max(reach, rule?.reach ?? hiddenReach);
      back = Math.max(back, rule?.back ?? 0);
    }
    for (const { length, program, rule } of far) {
      if (!engine.isLikely(program, behind - length, behind)) continue;
      reach = Math.max(reach, rule.reach);
      back = Math.max(back, rule.back ?? 0);
    }
    if (reach > 0) join(regions, Math.max(0, end - back), Math.min(block.length, end + reach));
  }

  /** A region may lie over several lines; a view never does. */
  function look(block: Buffer, lines: Lines, region: Region, take: (finding: Finding) => void): void {
    let from = region.from;
    while (from < region.to) {
      const lineEnd = lines.endOf(from);
      if (lineEnd > from) lookAt(createView(engine, block, from, Math.min(region.to, lineEnd), lineEnd), lineEnd, take);
      from = lineEnd + 1;
    }
  }

  function lookAt(view: View, lineEnd: number, take: (finding: Finding) => void): void {
    done.fill(0);
    read.fill(0);
    engine.findInside((end, index) => {
      const word = words[index] as Word;
      const from = end - word.text.length;
      for (const { rule, slot } of word.rules) {
        if (from < (done[slot] as number)) continue;
        view.readTo = from;
        const spans = rule.find(view, from, end);
        if (spans.length === 0 && view.readTo > from + longStretch) passOver(slot, from, view.readTo);
        const cut = rule.rank === rank.token ? findCut(view, rule, from, end, spans) : [];
        for (const span of cut.length === 0 ? spans : [...spans, ...cut]) {
          done[slot] = Math.max(done[slot] as number, span.to);
          takeParts(view, span, lineEnd, rule, take);
        }
      }
    });
  }

  function passOver(slot: number, from: number, to: number): void {
    const again = from < (read[slot] as number);
    readings[slot] = again ? (readings[slot] as number) + 1 : 1;
    characters[slot] = (again ? (characters[slot] as number) : 0) + to - from;
    if (readings[slot] === mostReadings || (characters[slot] as number) > mostRead) done[slot] = to;
    read[slot] = to;
  }

  return { scan };
}

/** Grows with each hit. */
interface Region {
  from: number;
  to: number;
}

function join(regions: Region[], from: number, to: number): void {
  const region = regions.at(-1);
  if (region === undefined || from > region.to || region.to - region.from > largestRegion) regions.push({ from, to });
  else {
    region.from = Math.min(region.from, from);
    region.to = Math.max(region.to, to);
  }
}

/** A run that ends where a window ends may go on in the next. */
function joinRuns(runs: Span[], from: number, to: number): void {
  const before = runs.at(-1);
  if (before?.to === from) runs[runs.length - 1] = { from: before.from, to };
  else runs.push({ from, to });
}

interface Word {
  readonly text: string;
  readonly program: readonly number[];
  readonly rules: readonly { readonly rule: Rule; readonly slot: number }[];
  readonly look: Likely | undefined;
}

type Likely = Extract<Rule['likely'], (...given: never[]) => unknown>;

/** What is known of a place where certain words end. */
interface Place {
  /** Of the rules that always look here, or that the engine has asked. */
  readonly reach: number;
  readonly back: number;
  /** Those that are asked at each place; without a rule: an escape that hides something. */
  readonly asked: readonly { readonly length: number; readonly likely: Likely; readonly rule: Rule | undefined }[];
  /** Those that want to see far, asked once more by themselves: most places are told by another rule of the word. */
  readonly far: readonly { readonly length: number; readonly program: number; readonly rule: Rule }[];
}

function placeOf(engine: Engine, words: readonly Word[]): Place {
  let reach = 0;
  let back = usualBack;
  const asked: Place['asked'][number][] = [];
  const far: Place['far'][number][] = [];
  for (const { text, rules, look } of words) {
    if (look !== undefined) asked.push({ length: text.length, likely: look, rule: undefined });
    for (const { rule } of rules) {
      if (typeof rule.likely === 'function') asked.push({ length: text.length, likely: rule.likely, rule });
      else if (rule.likely !== undefined && rule.reach > farReach)
        far.push({ length: text.length, program: engine.keep(rule.likely.program(text)), rule });
      else {
        reach = Math.max(reach, rule.reach);
        back = Math.max(back, rule.back ?? 0);
      }
    }
  }
  return { reach, back, asked, far };
}

function wordsOf(rules: readonly Rule[]): readonly Word[] {
  const byText = new Map<string, { rule: Rule; slot: number }[]>();
  const lookOf = new Map<string, Likely>();
  for (const { words, likely } of looks) {
    for (const word of words) {
      byText.set(word, []);
      lookOf.set(word, likely);
    }
  }
  rules.forEach((rule, slot) => {
    for (const trigger of new Set(rule.triggers)) {
      const known = byText.get(trigger);
      if (known === undefined) byText.set(trigger, [{ rule, slot }]);
      else known.push({ rule, slot });
    }
  });
  return [...byText].map(([text, rules]) => ({
    text,
    rules,
    program:
      rules.length > 0 && rules.every(({ rule }) => typeof rule.likely === 'object')
        ? rules.flatMap(({ rule }) => (rule.likely as Look).program(text))
        : always,
    look: lookOf.get(text),
  }));
}

/** Parts shorter than this, between the quotes of an array of lines, are no secret. */
const shortestPart = 12;

/** A secret over several strings of a record is cut at their quotes, so that the record stays what it is. */
function takeParts(view: View, span: Span, lineEnd: number, rule: Rule, take: (finding: Finding) => void): void {
  // Of the span alone: the next quote may be far behind it.
  const text = view.text.slice(span.from, span.to);
  for (const part of text.includes('"') ? withinStrings(view, span, text) : [span]) {
    const finding = toFinding(view, part, part === span ? text : view.text.slice(part.from, part.to), lineEnd, rule);
    if (finding !== undefined) take(finding);
  }
}

function withinStrings(view: View, span: Span, text: string): readonly Span[] {
  const quotes: number[] = [];
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
function toFinding(view: View, span: Span, secret: string, lineEnd: number, rule: Rule): Finding | undefined {
  const from = view.start(span.from);
  let to = view.end(span.to - 1);
  if (span.to === view.text.length && view.cut) {
    const limit = Math.min(lineEnd, to + longestRun);
    to = runEnd(view.raw, to, limit);
    if (to === limit && limit < lineEnd) return undefined;
  }
  return {
    from,
    to,
    rule: rule.name,
    rank: rule.rank,
    secret,
    open: rule.rank === rank.key && !secret.includes('-----END'),
  };
}
