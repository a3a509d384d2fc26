import type { RecordEvent } from '../trajectory/events.ts';
import { isPayload, type Json } from '../trajectory/payload.ts';
import type { Statistics } from '../trajectory/statistics.ts';

/** Characters (UTF-16 units) of one turn; of what stands elsewhere as a payload its bytes. */
export interface Characters {
  /** Under the role of the user or system: prompts, and what the agent put there. */
  readonly input: number;
  readonly answer: number;
  readonly thinking: number;
  readonly calls: number;
  readonly results: number;
}

/** What a turn took, beside what is counted of it. */
export class TurnDetail {
  readonly characters: { -readonly [Name in keyof Characters]: number } = {
    input: 0,
    answer: 0,
    thinking: 0,
    calls: 0,
    results: 0,
  };
  /** Streams of the sub-agents that it started. */
  readonly agents = new Set<string>();
  #told: number | undefined;

  add(event: RecordEvent): void {
    const { characters } = this;
    switch (event.kind) {
      case 'message':
        characters[event.from === 'model' ? 'answer' : 'input'] += lengthOf(event.content as unknown as Json);
        break;
      case 'thinking':
        characters.thinking += lengthOf(event.text as unknown as Json);
        break;
      case 'tool_call':
        characters.calls += lengthOf(event.input);
        break;
      case 'tool_result':
        characters.results += lengthOf(event.output);
        break;
      case 'subagent_spawn':
        this.agents.add(`agent-${event.agent}`);
        break;
      case 'state': {
        const { durationMs } = (event.value ?? {}) as { readonly durationMs?: unknown };
        if (event.name === 'turn' && typeof durationMs === 'number') this.#told = durationMs;
        break;
      }
      default:
    }
  }

  /** Milliseconds of the turn: as the agent says, else from its first record to its last. */
  spanOf({ startedAt, endedAt }: Statistics): number | undefined {
    if (this.#told !== undefined) return this.#told;
    const ms = Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '');
    return ms >= 0 ? ms : undefined;
  }

  /** Milliseconds for each token of output: of the time that was not of tools, nor before the first token. */
  perToken(counted: Statistics): number | undefined {
    const rest = (this.spanOf(counted) ?? 0) - toolTime(counted) - counted.firstToken.ms;
    return rest > 0 && counted.tokens.output > 0 ? rest / counted.tokens.output : undefined;
  }
}

/** Milliseconds that calls took, one after the other; of calls at once the sum. */
export function toolTime({ tools }: Statistics): number {
  return [...tools.values()].reduce((sum, { durationMs }) => sum + durationMs, 0);
}

/** Characters of all strings in a value, which is what a reader reads; names of fields are none. */
function lengthOf(value: Json | undefined): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return value === undefined ? 0 : String(value).length;
  if (isPayload(value)) return value.size;
  if (Array.isArray(value)) return value.reduce((sum: number, item: Json) => sum + lengthOf(item), 0);
  // The types of parts of content are no content.
  return Object.entries(value).reduce((sum, [name, item]) => sum + (name === 'type' ? 0 : lengthOf(item as Json)), 0);
}

/** A turn in the tree: below the one that started its sub-agent. */
export interface TurnRow {
  readonly key: string;
  readonly depth: number;
  readonly parent?: string;
}

/** Turns by `stream turn`, in order, each followed by those of the sub-agents that it started. */
export function turnTree(details: ReadonlyMap<string, Pick<TurnDetail, 'agents'>>): readonly TurnRow[] {
  const streams = new Map<string, string[]>();
  for (const key of details.keys()) {
    const stream = streamOf(key);
    streams.set(stream, [...(streams.get(stream) ?? []), key]);
  }
  const started = new Set(
    [...details].flatMap(([key, { agents }]) => [...agents].filter((one) => one !== streamOf(key))),
  );
  const rows: TurnRow[] = [];
  const placed = new Set<string>();
  const place = (stream: string, depth: number, parent?: string) => {
    if (placed.has(stream)) return;
    placed.add(stream);
    for (const key of streams.get(stream) ?? []) {
      rows.push({ key, depth, ...(parent !== undefined && { parent }) });
      for (const agent of details.get(key)?.agents ?? []) place(agent, depth + 1, key);
    }
  };
  for (const stream of streams.keys()) if (!started.has(stream)) place(stream, 0);
  for (const stream of streams.keys()) place(stream, 0); // started by each other
  return rows;
}

function streamOf(key: string): string {
  return key.slice(0, key.lastIndexOf(' '));
}
