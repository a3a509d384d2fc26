import { CairnError } from '../../errors.ts';

/** An open end such as `+` is closed here: a secret is not longer. */
const openEnd = 256;
/** Ways in which a pattern may match from one place: what an engine that goes back tries at most. */
const mostWays = 4096;
/** Characters that a match may have. */
const longestMatch = 2048;

export interface BoundedPattern {
  /** The pattern with every repetition bounded. */
  readonly source: string;
  /** Characters of the longest match. */
  readonly length: number;
  /** The plain text with which every match begins; empty where there is none. */
  readonly prefix: string;
}

interface Parsed {
  readonly source: string;
  readonly ways: number;
  readonly length: number;
  readonly prefix: string;
  /** The prefix is all of it. */
  readonly literal: boolean;
}

/**
 * A regular expression from outside whose time has a bound, whatever it is held against: without
 * backreferences, and with so few ways to match that trying all of them is cheap.
 * @throws CairnError `config` that names what is wrong
 */
export function boundPattern(pattern: string): BoundedPattern {
  if (!/^[ -~]+$/.test(pattern))
    throw refused(pattern, 'expected ASCII', 'write other characters as \\xNN of their UTF-8');
  try {
    new RegExp(pattern);
  } catch (cause) {
    throw refused(pattern, `expected a regular expression (${(cause as Error).message})`, 'correct it', cause);
  }
  let at = 0;
  const parsed = parseAlternatives();
  if (parsed.ways > mostWays) {
    throw refused(pattern, 'expected few ways to match', 'give repetitions their bounds, {1,40}, and do not nest them');
  }
  if (parsed.length > longestMatch) {
    throw refused(pattern, `expected matches of at most ${longestMatch} characters`, 'give repetitions their bounds');
  }
  return parsed;

  function parseAlternatives(): Parsed {
    const branches = [parseSequence()];
    while (pattern[at] === '|') {
      at += 1;
      branches.push(parseSequence());
    }
    const [only] = branches;
    if (only && branches.length === 1) return only;
    return {
      source: branches.map(({ source }) => source).join('|'),
      ways: branches.reduce((sum, { ways }) => sum + ways, 0),
      length: Math.max(...branches.map(({ length }) => length)),
      prefix: '',
      literal: false,
    };
  }

  function parseSequence(): Parsed {
    let whole: Parsed = { source: '', ways: 1, length: 0, prefix: '', literal: true };
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') {
      const atom = repeat(parseAtom());
      whole = {
        source: whole.source + atom.source,
        ways: whole.ways * atom.ways,
        length: whole.length + atom.length,
        prefix: whole.literal ? whole.prefix + atom.prefix : whole.prefix,
        literal: whole.literal && atom.literal,
      };
    }
    return whole;
  }

  function parseAtom(): Parsed {
    const start = at;
    const character = pattern[at];
    if (character === '(') return parseGroup();
    if (character === '[') {
      at += 1;
      for (; pattern[at] !== ']'; at += 1) if (pattern[at] === '\\') at += 1;
      at += 1;
      return one(start);
    }
    if (character === '^' || character === '$') {
      at += 1;
      return nowhere(start);
    }
    if (character !== '\\') {
      at += 1;
      return character === '.' ? one(start) : one(start, character);
    }
    const escaped = pattern[at + 1] ?? '';
    if (/[1-9k]/.test(escaped)) throw refused(pattern, 'expected no reference to a group', 'write it out');
    at += escaped === 'x' ? 4 : escaped === 'u' ? 6 : escaped === 'c' ? 3 : 2;
    if (escaped === 'b' || escaped === 'B') return nowhere(start);
    return /[A-Za-z0-9]/.test(escaped) ? one(start) : one(start, escaped);
  }

  function parseGroup(): Parsed {
    const [opening = '('] = /^\((?:\?(?::|<?[=!]|<[A-Za-z_]\w*>))?/.exec(pattern.slice(at)) ?? [];
    at += opening.length;
    const inner = parseAlternatives();
    at += 1;
    const looks = /[=!]$/.test(opening);
    return {
      ...inner,
      source: `${opening}${inner.source})`,
      ...(looks && { length: 0, prefix: '' }),
      literal: looks || inner.literal,
    };
  }

  function repeat(atom: Parsed): Parsed {
    const [quantifier, sign, low, comma, high] = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})/.exec(pattern.slice(at)) ?? [];
    if (quantifier === undefined) return atom;
    at += quantifier.length;
    const lazy = pattern[at] === '?' ? '?' : '';
    at += lazy.length;
    const least = sign === undefined ? Number(low) : sign === '+' ? 1 : 0;
    const most = sign === '?' ? 1 : sign || (comma && !high) ? Math.max(openEnd, least) : Number(high || low);
    return {
      source: `${atom.source}{${least},${most}}${lazy}`,
      ways: atom.ways === 1 ? most - least + 1 : (most - least + 1) * atom.ways ** most,
      length: atom.length * most,
      prefix: '',
      literal: false,
    };
  }

  function one(start: number, literal = ''): Parsed {
    return { source: pattern.slice(start, at), ways: 1, length: 1, prefix: literal, literal: literal !== '' };
  }

  function nowhere(start: number): Parsed {
    return { source: pattern.slice(start, at), ways: 1, length: 0, prefix: '', literal: true };
  }
}

function refused(pattern: string, expected: string, hint: string, cause?: unknown): CairnError {
  return new CairnError('config', `${expected}, got the pattern ${JSON.stringify(pattern)}`, { hint, cause });
}
