import type { RecordEvent, Tokens, UsageBody } from './events.ts';
import { costOf, type Prices, priceOf } from './prices.ts';
import { addTokens, highestTokens, noTokens } from './tokens.ts';

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
  /** US dollars: by the prices, else as the agent wrote it down. Absent when neither is known of any request. */
  readonly cost?: number;
  /** Requests of which no cost is known. */
  readonly unpriced: number;
}

const counters = {
  sessions: 0,
  turns: 0,
  /** Answers of the model. */
  answers: 0,
  calls: 0,
  results: 0,
  /** Results that are errors. */
  failed: 0,
  /** Calls without a result. */
  open: 0,
  /** Results without a call. */
  orphans: 0,
  media: 0,
  compactions: 0,
  rewinds: 0,
  subagents: 0,
  errors: 0,
  unknown: 0,
  events: 0,
};

type Counters = Readonly<typeof counters>;

/** What happened in a session, or in many. */
export interface Statistics extends Counters, ModelStatistics {
  readonly tools: ReadonlyMap<string, ToolStatistics>;
  /** Usage without a model stands under `unknown`. */
  readonly models: ReadonlyMap<string, ModelStatistics>;
  /** Milliseconds to the first token, over `count` requests or turns that say so. */
  readonly firstToken: { readonly count: number; readonly ms: number };
  readonly startedAt?: string;
  readonly endedAt?: string;
}

/** A request, as all that was said of it. */
interface Request {
  readonly model: string;
  readonly tokens: Tokens;
  readonly time: string | undefined;
  readonly cost: number | undefined;
}

/** A stream's own pairing of calls and requests. */
interface StreamState {
  readonly open: Map<string, { readonly tool: string; readonly time: string | undefined }>;
  /** Results that came before their call. */
  readonly early: Set<string>;
  readonly told: Map<string, Tokens>;
  readonly answers: Set<string>;
}

/** Folds the events of one session: all of a stream, then those of the next. */
export class SessionFold {
  readonly counts = { ...counters, sessions: 1 };
  readonly tools = new Map<string, { -readonly [Name in keyof ToolStatistics]: number }>();
  /** By their id, or by a number of their own. */
  readonly requests = new Map<string | number, Request>();
  readonly firstToken = { count: 0, ms: 0 };
  startedAt: string | undefined;
  endedAt: string | undefined;
  readonly #streams = new Map<string, StreamState>();
  readonly #agents = new Set<string>();

  add(event: RecordEvent): void {
    const { counts } = this;
    const stream = this.#stream(event.at.stream);
    counts.events++;
    if (event.time !== undefined && !isSideStream(event.at.stream)) this.#span(event.time);
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
        this.#call(stream, event.callId, event.tool, event.time);
        break;
      case 'tool_result': {
        const { output } = event;
        if (Array.isArray(output)) counts.media += output.filter((part) => part?.type === 'media').length;
        this.#result(stream, event);
        break;
      }
      case 'usage':
        this.#usage(stream, event, event.time);
        break;
      case 'state':
        if (event.name === 'turn') this.#firstToken((event.value as { readonly firstTokenMs?: unknown })?.firstTokenMs);
        break;
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

  #stream(name: string): StreamState {
    const found = this.#streams.get(name);
    if (found) return found;
    const state = { open: new Map(), early: new Set<string>(), told: new Map(), answers: new Set<string>() };
    this.#streams.set(name, state);
    return state;
  }

  #span(time: string): void {
    if (this.startedAt === undefined || time < this.startedAt) this.startedAt = time;
    if (this.endedAt === undefined || time > this.endedAt) this.endedAt = time;
  }

  #tool(name: string) {
    const found = this.tools.get(name) ?? { calls: 0, errors: 0, durationMs: 0, timed: 0 };
    this.tools.set(name, found);
    return found;
  }

  #call({ open, early }: StreamState, callId: string, tool: string, time: string | undefined): void {
    this.counts.calls++;
    this.#tool(tool).calls++;
    if (early.delete(callId)) this.counts.orphans--;
    else if (!open.has(callId)) {
      open.set(callId, { tool, time });
      this.counts.open++;
    }
  }

  #result({ open, early }: StreamState, result: RecordEvent & { readonly kind: 'tool_result' }): void {
    const { callId, time, error, durationMs } = result;
    const { counts } = this;
    counts.results++;
    if (error) counts.failed++;
    const call = open.get(callId);
    if (open.delete(callId)) counts.open--;
    else if (!early.has(callId)) {
      early.add(callId);
      counts.orphans++;
    }
    const name = call?.tool ?? result.tool;
    if (name === undefined) return;
    const tool = this.#tool(name);
    if (error) tool.errors++;
    const ms = durationMs ?? Date.parse(time ?? '') - Date.parse(call?.time ?? '');
    if (!(ms >= 0)) return;
    tool.durationMs += ms;
    tool.timed++;
  }

  /** Streams of one session may tell of the same request, each in full. */
  #usage({ told }: StreamState, { responseId, model, tokens, cost, firstTokenMs }: UsageBody, time?: string): void {
    this.#firstToken(firstTokenMs);
    const id = responseId ?? this.requests.size;
    const before = this.requests.get(id);
    let all = tokens;
    if (responseId !== undefined) {
      const sofar = told.get(responseId);
      all = sofar === undefined ? tokens : addTokens(sofar, tokens);
      told.set(responseId, all);
    }
    this.requests.set(id, {
      model: model ?? before?.model ?? 'unknown',
      tokens: before === undefined ? all : highestTokens(before.tokens, all),
      time: before?.time ?? time,
      cost: cost ?? before?.cost,
    });
  }

  #firstToken(ms: unknown): void {
    if (typeof ms !== 'number') return;
    this.firstToken.count++;
    this.firstToken.ms += ms;
  }
}

/** Side files have the times of files. */
function isSideStream(stream: string): boolean {
  return stream === 'files' || stream === 'file-history';
}

/**
 * Adds sessions up. A request that an earlier session has already is not counted again: forks repeat those of their
 * source, so a source is to be added before them.
 */
export class StatisticsSum {
  readonly #prices: Prices;
  readonly #counted: Set<string>;
  readonly #counts = { ...counters };
  readonly #tools = new Map<string, ToolStatistics>();
  readonly #models = new Map<string, ModelStatistics>();
  #all: ModelStatistics = noModel;
  #firstToken = { count: 0, ms: 0 };
  #startedAt: string | undefined;
  #endedAt: string | undefined;

  /** @param counted ids of requests that are counted; shared by sums that are groups of one whole */
  constructor(prices: Prices, counted: Set<string> = new Set()) {
    this.#prices = prices;
    this.#counted = counted;
  }

  add(session: SessionFold): void {
    for (const name of Object.keys(counters) as (keyof Counters)[]) this.#counts[name] += session.counts[name];
    for (const [name, { calls, errors, durationMs, timed }] of session.tools) {
      const tool = this.#tools.get(name) ?? { calls: 0, errors: 0, durationMs: 0, timed: 0 };
      this.#tools.set(name, {
        calls: tool.calls + calls,
        errors: tool.errors + errors,
        durationMs: tool.durationMs + durationMs,
        timed: tool.timed + timed,
      });
    }
    for (const [id, request] of session.requests) {
      if (typeof id === 'string') {
        if (this.#counted.has(id)) continue;
        this.#counted.add(id);
      }
      this.#request(request);
    }
    const { count, ms } = this.#firstToken;
    this.#firstToken = { count: count + session.firstToken.count, ms: ms + session.firstToken.ms };
    const { startedAt, endedAt } = session;
    if (startedAt && !(this.#startedAt && this.#startedAt <= startedAt)) this.#startedAt = startedAt;
    if (endedAt && !(this.#endedAt && this.#endedAt >= endedAt)) this.#endedAt = endedAt;
  }

  get value(): Statistics {
    return {
      ...this.#counts,
      ...this.#all,
      tools: this.#tools,
      models: this.#models,
      firstToken: this.#firstToken,
      ...(this.#startedAt !== undefined && { startedAt: this.#startedAt }),
      ...(this.#endedAt !== undefined && { endedAt: this.#endedAt }),
    };
  }

  #request({ model, tokens, time, cost: recorded }: Request): void {
    const price = priceOf(this.#prices, model, time);
    const cost = price === undefined ? recorded : costOf(price, tokens);
    this.#all = withRequest(this.#all, tokens, cost);
    this.#models.set(model, withRequest(this.#models.get(model) ?? noModel, tokens, cost));
  }
}

const noModel: ModelStatistics = { requests: 0, tokens: noTokens, unpriced: 0 };

function withRequest(sum: ModelStatistics, tokens: Tokens, cost: number | undefined): ModelStatistics {
  return {
    requests: sum.requests + 1,
    tokens: addTokens(sum.tokens, tokens),
    unpriced: sum.unpriced + (cost === undefined ? 1 : 0),
    ...(cost === undefined ? sum.cost !== undefined && { cost: sum.cost } : { cost: (sum.cost ?? 0) + cost }),
  };
}
