import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { TrajectoryEvent } from '../../src/trajectory/events.ts';
import { eventSchema } from '../../src/trajectory/schema.ts';
import { projectFile } from './project.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The JSON Schema of what a valibot schema takes. */
function jsonSchema(of: unknown): Schema {
  const { type, pipe, ...schema } = of as {
    readonly type: string;
    readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[];
    readonly wrapped?: unknown;
    readonly literal?: unknown;
    readonly item?: unknown;
    readonly options?: readonly unknown[];
    readonly entries?: Readonly<Record<string, unknown>>;
  };
  const rules = (pipe ?? []).map(({ type: rule, requirement }): Schema => {
    if (rule === 'min_value') return { minimum: requirement };
    if (rule === 'safe_integer') return { type: 'integer' };
    return rule === 'regex' ? { pattern: (requirement as RegExp).source } : {};
  });
  switch (type) {
    case 'string':
    case 'number':
      return Object.assign({ type }, ...rules);
    case 'literal':
      return { const: schema.literal };
    case 'picklist':
      return { enum: schema.options };
    case 'custom':
      return {};
    case 'array':
      return { type: 'array', items: jsonSchema(schema.item) };
    case 'union':
    case 'variant':
      return { oneOf: schema.options?.map(jsonSchema) };
    case 'exact_optional':
      return jsonSchema(schema.wrapped);
    case 'object': {
      const entries = Object.entries(schema.entries ?? {});
      return {
        type: 'object',
        properties: Object.fromEntries(entries.map(([name, entry]) => [name, jsonSchema(entry)])),
        required: entries.filter(([, entry]) => !isOptional(entry)).map(([name]) => name),
      };
    }
    default:
      throw new Error(`no JSON Schema for ${type}`);
  }
}

function isOptional(schema: unknown): boolean {
  return (schema as { readonly type: string }).type === 'exact_optional';
}

test('the published schema is that of the program', async () => {
  const published = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Cairn trajectory event, version 1',
    ...jsonSchema(eventSchema),
  };
  const path = join(import.meta.dirname, '../../docs/events.schema.json');
  await expect(`${JSON.stringify(published, null, 2)}\n`).toMatchFileSnapshot(path);
});

test('it is the union of the types', () => {
  const parsed = (event: v.InferOutput<typeof eventSchema>): TrajectoryEvent => event;
  const typed = (event: TrajectoryEvent): v.InferOutput<typeof eventSchema> => event;
  expect([parsed, typed]).toHaveLength(2);
});

test('events go through JSON and the schema unchanged', () => {
  const folder = join(import.meta.dirname, '../samples/claude-code');
  const { _rules, ...expected } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  for (const path of Object.keys(expected).filter((each) => !each.startsWith('public/'))) {
    const { events } = projectFile('claude-code', join(folder, path));
    const parsed = events.map((event) => v.parse(eventSchema, JSON.parse(JSON.stringify(event))));
    expect(parsed).toEqual(events);
  }
});
