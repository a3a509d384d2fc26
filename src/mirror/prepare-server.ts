import type { MessagePort } from 'node:worker_threads';
import { CairnError, type ErrorCode } from '../errors.ts';
import type { SessionSummary } from '../harness/types.ts';
import type { Fingerprint } from '../redact/memory.ts';
import type { Redacted } from '../redact/types.ts';
import type { PreparedLines, Preparer } from './preparer.ts';

/** What a thread is asked to do: the calls of `Preparer`, each for a session by its number. Those with an `id` are answered. */
export type PrepareCall = { readonly session: number } & (
  | { readonly call: 'open'; readonly harness: string; readonly remembered: readonly Fingerprint[] }
  | { readonly call: 'begin'; readonly stream: string; readonly summary: SessionSummary | undefined }
  | { readonly call: 'prepare'; readonly id: number; readonly stream: string; readonly lines: Uint8Array }
  | { readonly call: 'redact'; readonly id: number; readonly block: Uint8Array }
  | { readonly call: 'close' }
);

export type PrepareAnswer =
  | {
      readonly id: number;
      readonly result: PreparedLines | Redacted;
      /** Of the session, since its last answer. */
      readonly learned: readonly Fingerprint[];
    }
  | {
      readonly id: number;
      readonly error: { readonly code?: ErrorCode; readonly message: string; readonly hint?: string };
    };

/** Answers the calls that come through `port`, on a thread that does nothing else. */
export function servePreparers(
  port: MessagePort,
  open: (harness: string, remembered: readonly Fingerprint[]) => Preparer,
): void {
  const sessions = new Map<number, Preparer>();
  const answer = async ({ session, id, ...call }: Extract<PrepareCall, { id: number }>) => {
    try {
      const preparer = sessions.get(session);
      if (!preparer) throw new Error(`session ${session} is not open`);
      const result = await (call.call === 'prepare'
        ? preparer.prepare(call.stream, call.lines)
        : preparer.redact(call.block));
      const bytes = 'body' in result ? result.body : result.block;
      const moved = movable(bytes);
      port.postMessage(
        {
          id,
          result: 'body' in result ? { ...result, body: moved } : { ...result, block: moved },
          learned: preparer.learned(),
        } satisfies PrepareAnswer,
        [moved.buffer],
      );
    } catch (cause) {
      port.postMessage({ id, error: told(cause) } satisfies PrepareAnswer);
    }
  };
  port.on('message', (call: PrepareCall) => {
    if (call.call === 'open') sessions.set(call.session, open(call.harness, call.remembered));
    else if (call.call === 'begin') sessions.get(call.session)?.begin(call.stream, call.summary);
    else if (call.call === 'close') sessions.delete(call.session);
    else void answer(call);
  });
}

/** The same bytes in memory of their own, which can be handed to another thread. */
export function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  // A small buffer may share its memory with others.
  if (buffer instanceof ArrayBuffer && bytes.byteLength >= LARGE) return bytes as Uint8Array<ArrayBuffer>;
  return new Uint8Array(bytes);
}

const LARGE = 64 << 10;

function told(cause: unknown): Extract<PrepareAnswer, { error: unknown }>['error'] {
  if (!(cause instanceof CairnError)) return { message: cause instanceof Error ? cause.message : String(cause) };
  const { code, message, hint } = cause;
  return { code, message, ...(hint !== undefined && { hint }) };
}
