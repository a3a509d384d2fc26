import type { Answer, Entry } from './scenario.ts';

/** A model interface over HTTP: how a request shows its conversation, and how an answer is dressed. */
export interface Protocol {
  /** How the path of a request for an answer ends. */
  readonly path: string;
  conversation(body: Body): readonly Entry[];
  reply(id: string, body: Body, answer: Answer): Reply;
}

export type Body = Readonly<Record<string, unknown>>;

export interface Reply {
  /** The whole answer, for a request without `stream`. */
  readonly whole: unknown;
  /** The same as server-sent events, each named by its `type`. */
  readonly events: readonly ServerEvent[];
}

export interface ServerEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}
