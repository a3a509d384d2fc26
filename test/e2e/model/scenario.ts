/** One block of a scripted answer: words, a thought, or a call of one of the agent's tools. */
export type Block =
  | { readonly text: string }
  | { readonly thinking: string }
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>>; readonly namespace?: string };

/** What the model says to a prompt that contains `cue`: one step for each batch of tool results that came since. */
export interface Turn {
  readonly cue: string;
  readonly steps: readonly (readonly Block[])[];
  /** Input tokens that the answer of a step reports: a high number makes an agent compact its context. */
  readonly inputTokens?: readonly number[];
}

export interface Scenario {
  readonly turns: readonly Turn[];
  /** The agent's own request for a summary of the conversation, and the answer to it. */
  readonly summary: { readonly cue: string; readonly text: string };
  /** How the agent begins the conversation that follows a summary. */
  readonly afterSummary: string;
}

/** A conversation as the scenario sees it: what was asked, and where batches of tool results came. */
export type Entry = { readonly prompt: string } | 'results';

export interface Answer {
  readonly blocks: readonly Block[];
  readonly inputTokens?: number;
}

/** The answer follows from the conversation alone, so a request that is sent twice gets the same answer twice. */
export function answer(scenario: Scenario, conversation: readonly Entry[]): Answer {
  const prompts = conversation.flatMap((entry, at) => (entry === 'results' ? [] : [{ at, text: entry.prompt }]));
  if (prompts.at(-1)?.text.includes(scenario.summary.cue)) return { blocks: [{ text: scenario.summary.text }] };

  const asked = prompts.findLast(({ text }) => turnOf(scenario, text));
  const turn = asked && turnOf(scenario, asked.text);
  if (!turn) return { blocks: [{ text: 'Understood.' }] };

  // A summary takes the tool results out of the conversation: the turn ends then, instead of starting over.
  const summarised = prompts.some(({ at, text }) => at >= asked.at && text.includes(scenario.afterSummary));
  const results = conversation.slice(asked.at).filter((entry) => entry === 'results').length;
  const last = turn.steps.length - 1;
  const step = summarised ? last : Math.min(results, last);
  const inputTokens = summarised ? undefined : turn.inputTokens?.[step];
  return { blocks: turn.steps[step] ?? [], ...(inputTokens !== undefined && { inputTokens }) };
}

function turnOf(scenario: Scenario, text: string): Turn | undefined {
  return scenario.turns.findLast(({ cue }) => text.includes(cue));
}
