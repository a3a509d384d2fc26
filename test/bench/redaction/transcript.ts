import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { harmlessSamples, type Sample, secretSamples } from '../../redact/corpus/corpus.ts';
import { createMaker } from '../../redact/corpus/maker.ts';
import { recordShapes } from '../../redact/corpus/records.ts';

/** Bytes between two secrets. */
const between = 200_000;

/** Source text of the installed packages, as tools show it. */
function sources(folder: string): readonly string[] {
  const found: string[] = [];
  const walk = (at: string) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (found.length >= 1000) return;
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (/\.(?:ts|js|mjs|md|json)$/.test(entry.name)) {
        const text = readFileSync(path, 'utf8');
        if (text.length > 400) found.push(text.slice(0, 12_000));
      }
    }
  };
  walk(folder);
  return found;
}

/** Writes a transcript of `bytes` bytes and tells the secrets in it: read files, harmless values, thinking, images. */
export function writeTranscript(path: string, bytes: number, packages: string): readonly Sample[] {
  const m = createMaker(5);
  const texts = sources(packages);
  const shapes = Object.values(recordShapes);
  const harmless = [...harmlessSamples(6, 2)];
  const secrets = secretSamples(7, 1_000);
  const planted: Sample[] = [];
  const file = openSync(path, 'w');
  let size = 0;
  let next = between;
  const noise = (n: number) => createHash('sha512').update(`${n}`).digest('base64').slice(0, -2);
  for (let n = 0; size < bytes; n += 1) {
    let line: string;
    if (size > next) {
      next = size + between;
      const sample = secrets.next().value as Sample;
      planted.push(sample);
      line = sample.line;
    } else {
      const chance = m.number(1000);
      const numbered = () =>
        m
          .pick(texts)
          .split('\n')
          .map((text, i) => `${String(i + 1).padStart(6)}→${text}`)
          .join('\n');
      if (chance < 450) line = m.pick(shapes)(numbered(), n);
      else if (chance < 600) line = m.pick(harmless).line;
      else if (chance < 630)
        line = JSON.stringify({
          message: { content: [{ type: 'thinking', thinking: 'I see.', signature: noise(n).repeat(6) }] },
        });
      else if (chance < 635)
        line = JSON.stringify({ source: { type: 'base64', media_type: 'image/png', data: noise(n).repeat(600) } });
      else line = m.pick(shapes)(m.pick(texts).slice(0, 300 + m.number(3000)), n);
    }
    size += writeSync(file, `${line}\n`);
  }
  closeSync(file);
  return planted;
}
