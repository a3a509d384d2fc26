import { commands } from './commands.ts';
import { files } from './files.ts';
import { furtherCommands } from './further-commands.ts';
import { furtherFiles } from './further-files.ts';
import { furtherPlaces } from './further-places.ts';
import { harmless } from './harmless.ts';
import { keys } from './keys.ts';
import { lookAlikes } from './look-alikes.ts';
import { createMaker, type Maker } from './maker.ts';
import { barePlaces, namedPlaces } from './places.ts';
import { recordShapes } from './records.ts';
import { tokenKinds } from './tokens.ts';

/** One line of a transcript with what must not survive it; without secrets, nothing in it may change. */
export interface Sample {
  readonly kind: string;
  readonly line: string;
  readonly secrets: readonly string[];
}

const shapes = Object.values(recordShapes);

function sample(m: Maker, n: number, kind: string, text: string, secrets: readonly string[]): Sample {
  return { kind, line: (m.pick(shapes) as (typeof shapes)[number])(text, n), secrets };
}

/** The secrets as they stand in the text: as they are, or in base64. */
function asWritten(text: string, secrets: readonly string[]): readonly string[] {
  const forms = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')]);
  return forms.filter((form) => text.includes(form));
}

/** Secrets of every kind in every place, `rounds` times with other values. */
export function* secretSamples(seed: number, rounds: number): Generator<Sample> {
  const m = createMaker(seed);
  let n = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const { kind, template, names, bare } of tokenKinds) {
      for (const places of bare ? [namedPlaces, namedPlaces] : [namedPlaces, barePlaces]) {
        const place = m.pick(places);
        const token = m.fill(template);
        const text = place.write(m, m.pick(names), token);
        const written = asWritten(text, [token]);
        n += 1;
        if (written.length > 0) yield sample(m, n, `${kind} ${place.name}`, text, written);
      }
    }
    for (const { kind, make } of [
      ...keys,
      ...files,
      ...commands,
      ...furtherFiles,
      ...furtherCommands,
      ...furtherPlaces,
    ]) {
      const { text, secrets } = make(m);
      n += 1;
      yield sample(m, n, kind, text, asWritten(text, secrets));
    }
  }
}

/** Text that holds no secret, every template `rounds` times with other values. */
export function* harmlessSamples(seed: number, rounds: number): Generator<Sample> {
  const m = createMaker(seed);
  let n = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const [kind, templates] of Object.entries({ ...harmless, 'look-alikes': lookAlikes.trim().split('\n') })) {
      for (const template of templates) {
        n += 1;
        yield sample(m, n, kind, m.fill(template.replaceAll('\\n', '\n')), []);
      }
    }
  }
}

/** Whether a stretch of 40 % of the secret, but at least eight characters, is left in `line`. */
export function survives(line: string, secret: string): boolean {
  return isLeft(leaves(JSON.parse(line)).join('\u0001'), secret);
}

/** The same of a text. */
export function isLeft(text: string, secret: string): boolean {
  const length = Math.max(8, Math.ceil(secret.length * 0.4));
  if (secret.length <= length) return text.includes(secret);
  for (let at = 0; at + length <= secret.length; at += 1) if (text.includes(secret.slice(at, at + length))) return true;
  return false;
}

/** All strings of a value, keys too, with JSON in strings read as far as it goes. */
function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    try {
      const inner: unknown = JSON.parse(value);
      return typeof inner === 'object' ? [value, ...leaves(inner)] : [value];
    } catch {
      return [value];
    }
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...leaves(inner)]);
}
