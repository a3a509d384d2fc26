import type { Json, Payload } from './payload.ts';

/**
 * Version of the union below. It rises when a program that knows the old one would misread an event; a new optional
 * field does not raise it.
 */
export const eventVersion = 1;

/** Where the record lies that an event was made from. */
export interface Place {
  readonly stream: string;
  /** The epoch that holds the record: of a branch, records before it lie in the epochs it departs from. */
  readonly epoch: number;
  /** From 0, in that epoch's own parts. */
  readonly record: number;
}

/** What every event made from a record has. */
interface FromRecord {
  readonly v: typeof eventVersion;
  /** From 0 without a gap in its stream, by position in the source: no clock touches it, and it stays when the stream grows. */
  readonly seq: number;
  readonly at: Place;
  /** Prompts of a person so far in this stream, this one included; 0 before the first. */
  readonly turn: number;
  /** The record's own time, ISO 8601: for display, never for order. */
  readonly time?: string;
  /** The agent's id of the record, and of the one that it says it follows. */
  readonly id?: string;
  readonly parentId?: string;
  /** A sub-agent's, written into its parent's transcript (claude-code up to 1.x). */
  readonly sidechain?: true;
}

/** A part of a message: text, or what stands for an image, a document, and whatever is not known. */
export type ContentPart =
  | { readonly type: 'text'; readonly text: string | Payload }
  | { readonly type: 'media'; readonly media: Payload; readonly name?: string }
  | { readonly type: 'other'; readonly value: Json };

export interface SessionStartBody {
  readonly kind: 'session_start';
  /** The agent's own id of this transcript, where the record says one. */
  readonly session?: string;
  readonly cwd?: string;
  readonly agentVersion?: string;
  readonly branch?: string;
  readonly commit?: string;
  readonly repository?: string;
  /** How it was begun, as the agent names it. */
  readonly source?: string;
}

export interface SessionEndBody {
  readonly kind: 'session_end';
  readonly reason?: string;
}

export interface MessageBody {
  readonly kind: 'message';
  readonly role: 'user' | 'assistant' | 'system';
  /** Who wrote it: agents put much into the conversation under the role of the user. */
  readonly from: 'person' | 'model' | 'harness';
  /** A person's prompt: it begins a turn. */
  readonly prompt?: true;
  /** What a message of the harness is for: `summary` (of a compaction), `command`, `notification`, `context`. */
  readonly purpose?: string;
  readonly content: readonly ContentPart[];
  /** Of the model's answer that it belongs to; shared with its thinking, calls and usage. */
  readonly messageId?: string;
}

export interface ThinkingBody {
  readonly kind: 'thinking';
  /** Empty where the provider keeps it back. */
  readonly text: string | Payload;
  /** There is more that only the provider can read. */
  readonly encrypted?: true;
  readonly messageId?: string;
}

export interface ToolCallBody {
  readonly kind: 'tool_call';
  /** Pairs with the result's. */
  readonly callId: string;
  readonly tool: string;
  /** Of tools that come in groups: a server's, an extension's. */
  readonly namespace?: string;
  readonly input: Json;
  readonly messageId?: string;
  /** The provider ran it, not the agent. */
  readonly server?: true;
}

export interface ToolResultBody {
  readonly kind: 'tool_result';
  readonly callId: string;
  readonly tool?: string;
  /** What the model saw. */
  readonly output: Json;
  readonly error?: true;
  readonly exitCode?: number;
  readonly durationMs?: number;
  /** What the agent kept of it for itself: patches, full output, exit status; as it wrote it. */
  readonly details?: Json;
  /** Side files of the session (`path` in the stream `files`) that hold the output in full. */
  readonly files?: readonly string[];
}

/** A person's or a policy's answer to a call that needed leave. */
export interface DecisionBody {
  readonly kind: 'decision';
  readonly callId?: string;
  readonly decision: 'approved' | 'denied';
  readonly reason?: string;
}

/** Counts of tokens, disjoint: input is what was neither read from nor written to a cache. */
export interface Tokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Of `cacheWrite`, what is kept for an hour. */
  readonly cacheWrite1h?: number;
  /** Thinking included. */
  readonly output: number;
  /** Of `output`; absent where it is not told. */
  readonly thinking?: number;
}

/** What a request has used beyond what was told of it before: the sum over a stream is its total. */
export interface UsageBody {
  readonly kind: 'usage';
  /** Of the request: the same in a fork that repeats it. */
  readonly responseId?: string;
  readonly model?: string;
  readonly tokens: Tokens;
  /** Of the whole request, and until its first token, where the agent says so. */
  readonly durationMs?: number;
  readonly firstTokenMs?: number;
  /** US dollars as the agent wrote them down. */
  readonly cost?: number;
}

export interface ModelChangeBody {
  readonly kind: 'model_change';
  readonly model: string;
  readonly provider?: string;
}

/**
 * Settings and state beside the conversation: `mode`, `title`, `sandbox`; the last value of a name counts. `turn` says
 * how a turn ended: `{status: 'complete' | 'aborted', reason?, durationMs?, firstTokenMs?}`.
 */
export interface StateBody {
  readonly kind: 'state';
  readonly name: string;
  readonly value: Json;
}

export interface CompactionBody {
  readonly kind: 'compaction';
  readonly trigger?: string;
  readonly tokensBefore?: number;
  readonly tokensAfter?: number;
  readonly summary?: string | Payload;
  /** Ids of records, or the first of them, that stay in the context. */
  readonly kept?: readonly string[];
}

/** The conversation went back: what follows hangs below `to`, and what lies between is no longer in the context. */
export interface RewindBody {
  readonly kind: 'rewind';
  /** Id of the record it went back to. */
  readonly to?: string;
}

export interface SubagentSpawnBody {
  readonly kind: 'subagent_spawn';
  /** The call that started it. */
  readonly callId?: string;
  /** The agent's id of it: its stream is `agent-<id>`, or it is a session of that id. */
  readonly agent: string;
  readonly agentType?: string;
  readonly description?: string;
}

export interface SubagentReturnBody {
  readonly kind: 'subagent_return';
  readonly callId?: string;
  readonly agent: string;
  readonly status?: string;
  readonly text?: string | Payload;
}

/** What the agent put beside the conversation: files, listings, hook results. */
export interface AttachmentBody {
  readonly kind: 'attachment';
  /** As the agent names it. */
  readonly type: string;
  /** Path of a side file of the session. */
  readonly file?: string;
  readonly content: Json;
}

export interface ErrorBody {
  readonly kind: 'error';
  readonly message: string | Payload;
  readonly code?: string;
}

/** A record of a type that is not known, that is no JSON, or that is too large to be looked into. */
export interface UnknownBody {
  readonly kind: 'unknown';
  readonly reason: 'type' | 'json' | 'size';
  readonly type?: string;
  /** The record: its value, or its text where it is no JSON. */
  readonly raw: Json;
}

/** What a projector says of a record; the sequence adds place, number and turn. */
export type EventBody =
  | SessionStartBody
  | SessionEndBody
  | MessageBody
  | ThinkingBody
  | ToolCallBody
  | ToolResultBody
  | DecisionBody
  | UsageBody
  | ModelChangeBody
  | StateBody
  | CompactionBody
  | RewindBody
  | SubagentSpawnBody
  | SubagentReturnBody
  | AttachmentBody
  | ErrorBody
  | UnknownBody;

/** An event made from a record. */
export type RecordEvent = FromRecord & EventBody;

/** A step of the project's shared state in the order of its register or log; it has no record. */
export interface CoordinationEvent {
  readonly v: typeof eventVersion;
  readonly kind: 'coordination';
  /** The register or log below the project, such as `tasks/fix-login`, and the slot in it. */
  readonly slot: { readonly register: string; readonly n: number };
  readonly op: string;
  readonly agent?: string;
  /** `harness/session` of the transcript that took the step, where it is known. */
  readonly session?: string;
  readonly time?: string;
  readonly value: Json;
}

/** The closed union: docs/events.schema.json. */
export type TrajectoryEvent = RecordEvent | CoordinationEvent;

export type EventKind = TrajectoryEvent['kind'];
