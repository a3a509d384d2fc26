import type { RecordEvent, Tokens, UsageBody } from './events.ts';
import { addTokens, highestTokens, noTokens, tokensBeyond } from './tokens.ts';

/** Uses of one tool. */
export interface ToolStatistics {
  readonly calls: number;
  readonly errors: number;
  /** Milliseconds from call to result over `timed` calls: as the agent says, else between the times of both records. */
  readonly durationMs: number;
  readonly timed: number;
}

/** What was asked of one model. */
export interface ModelStatistics {
  readonly requests: number;
  readonly tokens: Tokens;
}

/** What happened in a session, a stream, or in many sessions. */
export interface Statistics {
  readonly turns: number;
  /** Answers of the model. */
  readonly answers: number;
  readonly calls: number;
  readonly results: number;
  readonly failed: number;
  /** Calls without a result, and results without a call. */
  readonly open: number;
  readonly orphans: number;
  readonly media: number;
  readonly compactions: number;
  readonly rewinds: number;
  readonly subagents: number;
  readonly errors: number;
  readonly unknown: number;
  readonly events: number;
  readonly tokens: Tokens;
  readonly tools: ReadonlyMap<string, ToolStatistics>;
  /** Usage without a model stands under `''`. */
  readonly models: ReadonlyMap<string, ModelStatistics>;
  /** Milliseconds to the first token, over `count` requests that say so. */
  readonly firstToken: { readonly count: number; readonly ms: number };
  readonly startedAt?: string;
  readonly endedAt?: string;
}

/** Requests that were counted: a fork repeats those of its source, and a tree has some in several files. */
export class RequestLedger {
  readonly #counted = new Map<string, Tokens>();

  /** What of `tokens`, all that one stream says of a request, is not counted yet; and counts it. */
  count(request: string, tokens: Tokens): { readonly tokens: Tokens; readonly first: boolean } {
    const before = this.#counted.get(request);
    if (before === undefined) {
      this.#counted.set(request, tokens);
      return { tokens, first: true };
    }
    const most = highestTokens(before, tokens);
    this.#counted.set(request, most);
    return { tokens: tokensBeyond(most, before), first: false };
  }
}

interface OpenCall {
  readonly tool: string;
  readonly time: string | undefined;
}

/** A stream's own pairing of calls and requests. */
interface StreamState {
  readonly open: Map<string, OpenCall>;
  /** Results that came before their call. */
  readonly early: Set<string>;
  readonly told: Map<string, Tokens>;
  readonly answers: Set<string>;
}

type Count =
  | 'turns'
  | 'answers'
  | 'calls'
  | 'results'
  | 'failed'
  | 'media'
  | 'compactions'
  | 'rewinds'
  | 'subagents'
  | 'errors'
  | 'unknown'
  | 'events';

/** Folds events into statistics. Streams of one session may be folded one after the other. */
export class StatisticsFold {
  readonly #ledger: RequestLedger;
  readonly #counts: Record<Count, number> = {
    turns: 0,
    answers: 0,
    calls: 0,
    results: 0,
    failed: 0,
    media: 0,
    compactions: 0,
    rewinds: 0,
    subagents: 0,
    errors: 0,
    unknown: 0,
    events: 0,
  };
  readonly #tools = new Map<string, { calls: number; errors: number; durationMs: number; timed: number }>();
  readonly #models = new Map<string, { requests: number; tokens: Tokens }>();
  readonly #streams = new Map<string, StreamState>();
  readonly #agents = new Set<string>();
  #tokens = noTokens;
  #firstToken = { count: 0, ms: 0 };
  #startedAt: string | undefined;
  #endedAt: string | undefined;

  constructor(ledger: RequestLedger = new RequestLedger()) {
    this.#ledger = ledger;
  }

  add(event: RecordEvent): void {
    const counts = this.#counts;
    const stream = this.#stream(event.at.stream);
    counts.events++;
    const { time } = event;
    if (time !== undefined && event.at.stream !== 'files') {
      if (this.#startedAt === undefined || time < this.#startedAt) this.#startedAt = time;
      if (this.#endedAt === undefined || time > this.#endedAt) this.#endedAt = time;
    }
    if ('messageId' in event && event.messageId !== undefined && !stream.answers.has(event.messageId)) {
      stream.answers.add(event.messageId);
      counts.answers++;
    }
    switch (event.kind) {
      case 'message':
        if (event.prompt) counts.turns++;
        if (event.from === 'model' && event.role === 'assistant' && event.messageId === undefined) counts.answers++;
        counts.media += event.content.filter(({ type }) => type === 'media').length;
        break;
      case 'tool_call':
        this.#call(stream, event.callId, event.tool, time);
        break;
      case 'tool_result': {
        counts.results++;
        if (event.error) counts.failed++;
        const { output } = event;
        if (Array.isArray(output)) counts.media += output.filter((part) => part?.type === 'media').length;
        this.#result(stream, event.callId, event, time);
        break;
      }
      case 'usage':
        this.#usage(stream, event);
        break;
      case 'state': {
        const ms =
          event.name === 'turn' ? (event.value as { readonly firstTokenMs?: unknown } | null)?.firstTokenMs : undefined;
        if (typeof ms === 'number')
          this.#firstToken = { count: this.#firstToken.count + 1, ms: this.#firstToken.ms + ms };
        break;
      }
      case 'compaction':
        counts.compactions++;
        break;
      case 'rewind':
        counts.rewinds++;
        break;
      case 'subagent_spawn':
        if (!this.#agents.has(event.agent)) counts.subagents++;
        this.#agents.add(event.agent);
        break;
      case 'error':
        counts.errors++;
        break;
      case 'unknown':
        counts.unknown++;
        break;
      default:
    }
  }

  get value(): Statistics {
    const streams = [...this.#streams.values()];
    return {
      ...this.#counts,
      open: streams.reduce((sum, { open }) => sum + open.size, 0),
      orphans: streams.reduce((sum, { early }) => sum + early.size, 0),
      tokens: this.#tokens,
      tools: this.#tools,
      models: this.#models,
      firstToken: this.#firstToken,
      ...(this.#startedAt !== undefined && { startedAt: this.#startedAt }),
      ...(this.#endedAt !== undefined && { endedAt: this.#endedAt }),
    };
  }

  #stream(name: string): StreamState {
    const found = this.#streams.get(name);
    if (found) return found;
    const state = { open: new Map(), early: new Set<string>(), told: new Map(), answers: new Set<string>() };
    this.#streams.set(name, state);
    return state;
  }

  #tool(name: string) {
    const found = this.#tools.get(name) ?? { calls: 0, errors: 0, durationMs: 0, timed: 0 };
    this.#tools.set(name, found);
    return found;
  }

  #call({ open, early }: StreamState, callId: string, tool: string, time: string | undefined): void {
    this.#counts.calls++;
    this.#tool(tool).calls++;
    if (!early.delete(callId)) open.set(callId, { tool, time });
  }

  #result(
    { open, early }: StreamState,
    callId: string,
    result: { readonly error?: true; readonly durationMs?: number; readonly tool?: string },
    time: string | undefined,
  ): void {
    const call = open.get(callId);
    open.delete(callId);
    if (call === undefined) early.add(callId);
    const name = call?.tool ?? result.tool;
    if (name === undefined) return;
    const tool = this.#tool(name);
    if (result.error) tool.errors++;
    const ms = result.durationMs ?? Date.parse(time ?? '') - Date.parse(call?.time ?? '');
    if (!(ms >= 0)) return;
    tool.durationMs += ms;
    tool.timed++;
  }

  #usage({ told }: StreamState, event: UsageBody): void {
    const { responseId, model = '', firstTokenMs } = event;
    let counted = { tokens: event.tokens, first: true };
    if (responseId !== undefined) {
      const before = told.get(responseId);
      const all = before === undefined ? event.tokens : addTokens(before, event.tokens);
      told.set(responseId, all);
      counted = this.#ledger.count(responseId, all);
    }
    const { tokens, first } = counted;
    this.#tokens = addTokens(this.#tokens, tokens);
    const of = this.#models.get(model) ?? { requests: 0, tokens: noTokens };
    if (first) of.requests++;
    of.tokens = addTokens(of.tokens, tokens);
    if (first || this.#models.has(model)) this.#models.set(model, of);
    if (first && firstTokenMs !== undefined) {
      this.#firstToken = { count: this.#firstToken.count + 1, ms: this.#firstToken.ms + firstTokenMs };
    }
  }
}
