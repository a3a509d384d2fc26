import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { harmlessSamples, type Sample, secretSamples, survives } from '../../redact/corpus/corpus.ts';

/** Lines with secrets and lines without. */
export interface TestSet {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** The generated set, and the development set where its folder is given. */
export function testSets(folder: string | undefined, seed: number): readonly TestSet[] {
  const generated = {
    name: `generated, seed ${seed}`,
    samples: [...secretSamples(seed, 2), ...harmlessSamples(seed + 1, 2)],
  };
  if (folder === undefined || !existsSync(folder)) return [generated];
  const read = (name: string) =>
    gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`)))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const samples = [...read('positives'), ...read('negatives')]
    .filter(({ ambiguous }) => ambiguous !== true)
    .map(({ kind, text, secret, secrets, signature, data }) => ({
      kind,
      line: JSON.stringify({ type: 'user', text, signature, source: data && { type: 'base64', data } }),
      secrets: secrets ?? (secret === undefined ? [] : [secret]),
    }));
  return [generated, { name: 'development', samples }];
}

export interface Quality {
  /** Of the lines with secrets, those of which no secret is left. */
  readonly recall: number;
  /** Of the lines without, those that were changed. */
  readonly falsePositives: number;
  /** Lines that are no JSON any more. */
  readonly invalid: number;
}

/** Judges what a tool made of a set's lines. */
export function judge(samples: readonly Sample[], lines: readonly string[]): Quality {
  let caught = 0;
  let changed = 0;
  let invalid = 0;
  const secret = samples.filter(({ secrets }) => secrets.length > 0).length;
  samples.forEach(({ line, secrets }, i) => {
    const out = lines[i] ?? '';
    try {
      const value: unknown = JSON.parse(out);
      if (secrets.length === 0) changed += JSON.stringify(value) === JSON.stringify(JSON.parse(line)) ? 0 : 1;
      // The address of a webhook may stay, its last segment may not.
      else if (
        !secrets.some((text) => survives(out, text.startsWith('https://') ? (text.split('/').at(-1) ?? '') : text))
      )
        caught += 1;
    } catch {
      invalid += 1;
    }
  });
  return { recall: caught / secret, falsePositives: changed / (samples.length - secret), invalid };
}
