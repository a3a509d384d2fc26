/** A step of a conversation as every model's interface knows it: what one agent wrote, put so that another can. */
export type ConversationStep =
  | { readonly role: 'user'; readonly text: string; readonly time?: string }
  | { readonly role: 'assistant'; readonly blocks: readonly AssistantBlock[]; readonly time?: string }
  /** One for each call of the step before. */
  | { readonly role: 'tool'; readonly results: readonly CallResult[]; readonly time?: string };

/** Words of the model, or a call of a tool; ids are of letters, digits, `_` and `-`. */
export type AssistantBlock =
  | { readonly text: string }
  | { readonly callId: string; readonly tool: string; readonly input: Readonly<Record<string, unknown>> };

/** What the model saw of a call's result. */
export interface CallResult {
  readonly callId: string;
  readonly text: string;
  readonly error?: true;
}

/** A conversation of another agent, to be written as a session of this one. */
export interface Conversation {
  /** Where it comes from: harness and session. */
  readonly harness: string;
  readonly session: string;
  readonly steps: readonly ConversationStep[];
}

/** What composing a session needs of the host. */
export interface Composing {
  /** ISO 8601, UTC. */
  readonly now: string;
  /** A new UUID. */
  uuid(): string;
}
