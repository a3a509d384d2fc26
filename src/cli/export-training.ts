import type { ExportSource } from '../export/source.ts';

export const trainingFormats = ['openai', 'anthropic', 'atif'] as const;
export type TrainingFormat = (typeof trainingFormats)[number];

export interface TrainingOptions {
  readonly strict: boolean;
  /** A session of more messages, or steps, is left out. */
  readonly maxMessages: number | undefined;
}

/** One session as lines for training, and what of it they cannot hold. No lines where it is left out. */
export interface TrainingLines {
  readonly lines: readonly string[];
  readonly lost: Readonly<Record<string, number>>;
}

const none: TrainingLines = { lines: [], lost: {} };

/** A line for the transcript; as ATIF one for each sub-agent, too. @throws CairnError `incomplete` with `strict` */
export async function trainingLines(
  format: TrainingFormat,
  source: ExportSource,
  { strict, maxMessages = Number.POSITIVE_INFINITY }: TrainingOptions,
): Promise<TrainingLines> {
  const [main = 'main'] = source.streams;
  if (format === 'atif') {
    const { atifExample, atifLine } = await import('../export/atif.ts');
    const lines: string[] = [];
    const lost: Record<string, number> = {};
    for (const stream of source.streams) {
      const example = await atifExample(source, stream);
      const { steps } = example.trajectory;
      if (stream === main && steps.length > maxMessages) return none;
      if (!steps.some(({ source: from }) => from === 'agent')) continue;
      lines.push(atifLine(source, example, strict));
      for (const [reason, times] of Object.entries(example.lost)) lost[reason] = (lost[reason] ?? 0) + times;
    }
    return { lines, lost };
  }
  const { chatExample, chatLine } = await import('../export/chat.ts');
  const { anthropicLine } = await import('../export/anthropic.ts');
  const example = await chatExample(source, main);
  const { messages, lost } = example;
  if (messages.length > maxMessages || !messages.some(({ role }) => role === 'assistant')) return none;
  return { lines: [(format === 'openai' ? chatLine : anthropicLine)(source, example, strict)], lost };
}
