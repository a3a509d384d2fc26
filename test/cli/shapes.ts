import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Shape = Readonly<Record<string, unknown>>;

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'json.md'), 'utf8');

/** Shapes that `docs/json.md` gives under a heading, by their `event`, or one without. */
function documented(heading: string): Shape[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/json.md has no section ${heading}`);
  return [...section.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Shape),
  );
}

/** What `value` has and the documentation does not, or the other way round: paths of fields. */
function differences(value: unknown, shape: unknown, path = ''): string[] {
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${path} is no array`];
    return shape.length === 0 ? [] : value.flatMap((item, i) => differences(item, shape[0], `${path}[${i}]`));
  }
  if (typeof shape !== 'object' || shape === null) {
    return shape === null || value === null || typeof value === typeof shape ? [] : [`${path} is ${typeof value}`];
  }
  if (typeof value !== 'object' || value === null) return [`${path} is no object`];
  const known = new Map(Object.entries(shape).map(([name, inner]) => [name.replace(/\?$/, ''), { inner, name }]));
  // A tally by name, records and meta.json have fields of their own.
  if (known.size === 0 || /redactions$|record$|meta$|tools$|models$|labels$/.test(path)) return [];
  return [
    ...[...known]
      .filter(([name, { name: given }]) => name === given && !(name in value))
      .map(([name]) => `${path}.${name} is absent`),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const field = known.get(name);
      return field ? differences(inner, field.inner, `${path}.${name}`) : [`${path}.${name} is not documented`];
    }),
  ];
}

/** Differences of `value` to the documented shape with the same `event`. */
export function undocumented(heading: string, value: Record<string, unknown>): string[] {
  const shapes = documented(heading).filter((shape) => shape.event === value.event);
  if (shapes.length === 0) return [`${heading} has no event ${String(value.event)}`];
  const all = shapes.map((shape) => differences(value, shape));
  return all.find((found) => found.length === 0) ?? all[0] ?? [];
}
