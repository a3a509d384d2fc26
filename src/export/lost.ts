import { CairnError } from '../errors.ts';
import type { ContentPart, RecordEvent } from '../trajectory/events.ts';
import { isPayload, type Json, type Payload } from '../trajectory/payload.ts';
import type { ExportSource } from './source.ts';
import { jsonText } from './text.ts';

/** Events that are no part of a conversation: leaving them out loses nothing that a model would say. */
export const silent = new Set<RecordEvent['kind']>([
  'session_start',
  'session_end',
  'usage',
  'model_change',
  'state',
  'decision',
  'subagent_spawn',
  'subagent_return',
]);

/** Counts what a form for training cannot hold, by reason. */
export class Lost {
  readonly reasons: Record<string, number> = {};

  add(reason: string): void {
    this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
  }

  /** The text of a part of a message. */
  partText(part: ContentPart): string {
    if (part.type === 'text' && typeof part.text === 'string') return part.text;
    this.add(part.type === 'text' ? 'large text' : part.type === 'media' ? 'media' : 'unknown content');
    return '';
  }

  text(content: string | Payload | undefined): string {
    if (content === undefined || typeof content === 'string') return content ?? '';
    this.add('large text');
    return '';
  }

  /** What a tool was given, as an object: anything else stands in one under `input`. */
  arguments(input: Json): object {
    if (holdsPayload(input)) this.add('large input');
    const isObject = typeof input === 'object' && input !== null && !Array.isArray(input) && !isPayload(input);
    return isObject ? input : { input: jsonText(input) };
  }

  output(output: Json): void {
    if (holdsPayload(output)) this.add('large or binary output');
  }
}

/** @throws CairnError `incomplete` where something is lost, naming it */
export function refuseLoss(
  { harness, session }: Pick<ExportSource, 'harness' | 'session'>,
  form: string,
  lost: Readonly<Record<string, number>>,
): void {
  const reasons = Object.entries(lost).map(([reason, count]) => `${count} × ${reason}`);
  if (reasons.length === 0) return;
  throw new CairnError(
    'incomplete',
    `expected ${harness}/${session} as ${form} without loss, but these cannot be said: ${reasons.join(', ')}`,
    { hint: 'leave --strict out to export it without them', details: { lost } },
  );
}

function holdsPayload(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isPayload(value) || Object.values(value).some((item) => item !== undefined && holdsPayload(item as Json));
}
