import type { RecordEvent } from '../trajectory/events.ts';
import { Lost, refuseLoss, silent } from './lost.ts';
import type { ExportSource } from './source.ts';
import { outputText } from './text.ts';

/**
 * The Agent Trajectory Interchange Format, version 1.4, which later ones take as well: one object for a transcript, a
 * step for each message and answer (https://harborframework.com/docs/trajectory-format).
 */
export interface AtifTrajectory {
  readonly schema_version: 'ATIF-v1.4';
  readonly session_id: string;
  readonly agent: { readonly name: string; readonly version: string; readonly model_name?: string };
  readonly steps: readonly AtifStep[];
  readonly final_metrics: AtifTotals;
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface AtifStep {
  readonly step_id: number;
  readonly timestamp?: string;
  readonly source: 'system' | 'user' | 'agent';
  message: string;
  model_name?: string;
  reasoning_content?: string;
  tool_calls?: { readonly tool_call_id: string; readonly function_name: string; readonly arguments: object }[];
  observation?: { readonly results: AtifResult[] };
  metrics?: AtifMetrics;
  readonly extra?: Readonly<Record<string, unknown>>;
}

interface AtifResult {
  readonly source_call_id: string;
  readonly content: string;
  subagent_trajectory_ref?: { readonly session_id: string }[];
}

/** `prompt_tokens` are all that was sent, `cached_tokens` those of them that a cache had. */
interface AtifMetrics {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cached_tokens: number;
  readonly cost_usd?: number;
  readonly extra?: { readonly cache_creation_input_tokens: number; readonly reasoning_tokens?: number };
}

interface AtifTotals {
  readonly total_prompt_tokens: number;
  readonly total_completion_tokens: number;
  readonly total_cached_tokens: number;
  readonly total_steps: number;
}

/** A transcript, and what of it the form cannot hold, by reason. */
export interface AtifExample {
  readonly trajectory: AtifTrajectory;
  readonly lost: Readonly<Record<string, number>>;
}

/** One stream of a session; a sub-agent's has the session's id, a slash and its name. */
export async function atifExample(source: ExportSource, stream: string): Promise<AtifExample> {
  const builder = new AtifBuilder(source, stream);
  for await (const event of source.events(stream)) builder.add(event);
  return builder.finish();
}

/** One line of JSON. @throws CairnError `incomplete` with `strict`, naming what would be lost */
export function atifLine(source: ExportSource, { trajectory, lost }: AtifExample, strict: boolean): string {
  if (strict) refuseLoss(source, 'ATIF', lost);
  return `${JSON.stringify(trajectory)}\n`;
}

class AtifBuilder {
  readonly #source: ExportSource;
  readonly #stream: string;
  readonly #lost = new Lost();
  readonly #steps: AtifStep[] = [];
  /** Steps by the id of their answer, and of each call in them. */
  readonly #answers = new Map<string, AtifStep>();
  readonly #calls = new Map<string, AtifStep>();
  readonly #agents: { readonly callId: string | undefined; readonly agent: string }[] = [];
  #open: AtifStep | undefined;
  #model: string | undefined;
  #version: string | undefined;

  constructor(source: ExportSource, stream: string) {
    this.#source = source;
    this.#stream = stream;
  }

  add(event: RecordEvent): void {
    if (event.sidechain) {
      this.#lost.add('sub-agent message');
      return;
    }
    switch (event.kind) {
      case 'session_start':
        this.#version ??= event.agentVersion;
        break;
      case 'model_change':
        this.#model = event.model;
        break;
      case 'message': {
        const text = event.content.map((part) => this.#lost.partText(part)).join('\n');
        if (text.trim() === '') break;
        if (event.from === 'model') {
          const step = this.#answer(event, event.messageId);
          step.message = step.message === '' ? text : `${step.message}\n${text}`;
        } else {
          const extra = { from: event.from, ...(event.purpose !== undefined && { purpose: event.purpose }) };
          this.#step(event, event.role === 'system' ? 'system' : 'user', text, extra);
        }
        break;
      }
      case 'thinking': {
        const text = this.#lost.text(event.text);
        if (text === '') break;
        const step = this.#answer(event, event.messageId);
        step.reasoning_content = step.reasoning_content === undefined ? text : `${step.reasoning_content}\n${text}`;
        break;
      }
      case 'tool_call': {
        const { callId: id, tool, input } = event;
        if (this.#calls.has(id)) {
          this.#lost.add('repeated call');
          break;
        }
        const step = this.#answer(event, event.messageId);
        const call = { tool_call_id: id, function_name: tool, arguments: this.#lost.arguments(input) };
        step.tool_calls = [...(step.tool_calls ?? []), call];
        this.#calls.set(id, step);
        break;
      }
      case 'tool_result':
        this.#result(event);
        break;
      case 'usage':
        this.#usage(event);
        break;
      case 'subagent_spawn':
        this.#agents.push({ callId: event.callId, agent: event.agent });
        break;
      case 'compaction':
        this.#step(event, 'system', this.#lost.text(event.summary), { event: 'compaction' });
        break;
      case 'error':
        this.#step(event, 'system', this.#lost.text(event.message), { event: 'error' });
        break;
      default:
        if (!silent.has(event.kind)) this.#lost.add(event.kind);
    }
  }

  finish(): AtifExample {
    const { harness, session, line } = this.#source;
    for (const { callId, agent } of this.#agents) {
      const results = callId === undefined ? [] : (this.#calls.get(callId)?.observation?.results ?? []);
      const result = results.find(({ source_call_id }) => source_call_id === callId);
      const ref = { session_id: `${session}/agent-${agent}` };
      if (result) result.subagent_trajectory_ref = [...(result.subagent_trajectory_ref ?? []), ref];
    }
    const sum = (of: (metrics: AtifMetrics) => number) =>
      this.#steps.reduce((total, { metrics }) => total + (metrics ? of(metrics) : 0), 0);
    const model = this.#steps.find(({ model_name }) => model_name !== undefined)?.model_name ?? this.#model;
    const trajectory: AtifTrajectory = {
      schema_version: 'ATIF-v1.4',
      session_id: this.#stream === 'main' ? session : `${session}/${this.#stream}`,
      agent: {
        name: harness,
        version: this.#version ?? line?.agentVersion ?? 'unknown',
        ...(model !== undefined && { model_name: model }),
      },
      steps: this.#steps,
      final_metrics: {
        total_prompt_tokens: sum((metrics) => metrics.prompt_tokens),
        total_completion_tokens: sum((metrics) => metrics.completion_tokens),
        total_cached_tokens: sum((metrics) => metrics.cached_tokens),
        total_steps: this.#steps.length,
      },
      extra: {
        stream: this.#stream,
        redacted: true,
        ...(line && { redactions: line.redactions }),
        lost: this.#lost.reasons,
      },
    };
    return { trajectory, lost: this.#lost.reasons };
  }

  #step(event: RecordEvent, source: AtifStep['source'], message: string, extra?: AtifStep['extra']): AtifStep {
    const step: AtifStep = {
      step_id: this.#steps.length + 1,
      ...(event.time !== undefined && { timestamp: event.time }),
      source,
      message,
      ...(extra && { extra }),
    };
    this.#steps.push(step);
    this.#open = source === 'agent' ? step : undefined;
    return step;
  }

  #answer(event: RecordEvent, messageId: string | undefined): AtifStep {
    const known = messageId === undefined ? this.#open : this.#answers.get(messageId);
    const step = known ?? this.#step(event, 'agent', '');
    if (messageId !== undefined) this.#answers.set(messageId, step);
    if (this.#model !== undefined) step.model_name ??= this.#model;
    return step;
  }

  #result(event: RecordEvent & { readonly kind: 'tool_result' }): void {
    const step = this.#calls.get(event.callId);
    const results = step?.observation?.results ?? [];
    if (!step || results.some(({ source_call_id }) => source_call_id === event.callId)) {
      this.#lost.add('result without a call');
      return;
    }
    this.#lost.output(event.output);
    step.observation = { results: [...results, { source_call_id: event.callId, content: outputText(event.output) }] };
    // What the model says next is a step of its own.
    if (this.#open === step) this.#open = undefined;
  }

  /** What is told of a request in several records is added up. */
  #usage({ responseId, model, tokens, cost }: RecordEvent & { readonly kind: 'usage' }): void {
    const step = (responseId === undefined ? undefined : this.#answers.get(responseId)) ?? this.#lastAnswer();
    if (!step) return;
    if (model !== undefined) step.model_name = model;
    const { metrics: sofar } = step;
    const thinking = (sofar?.extra?.reasoning_tokens ?? 0) + (tokens.thinking ?? 0);
    const usd = cost ?? sofar?.cost_usd;
    step.metrics = {
      prompt_tokens: (sofar?.prompt_tokens ?? 0) + tokens.input + tokens.cacheRead + tokens.cacheWrite,
      completion_tokens: (sofar?.completion_tokens ?? 0) + tokens.output,
      cached_tokens: (sofar?.cached_tokens ?? 0) + tokens.cacheRead,
      ...(usd !== undefined && { cost_usd: usd }),
      extra: {
        cache_creation_input_tokens: (sofar?.extra?.cache_creation_input_tokens ?? 0) + tokens.cacheWrite,
        ...(thinking > 0 && { reasoning_tokens: thinking }),
      },
    };
  }

  #lastAnswer(): AtifStep | undefined {
    return this.#open ?? this.#steps.findLast(({ source }) => source === 'agent');
  }
}
