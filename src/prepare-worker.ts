import { parentPort, workerData } from 'node:worker_threads';
import { harnesses } from '../harnesses/index.ts';
import { CairnError } from './errors.ts';
import { loadHarnesses } from './external-harnesses.ts';
import type { PrepareAnswer, PrepareCall } from './mirror/prepare-pool.ts';
import { inlinePreparer, type Preparer } from './mirror/preparer.ts';
import { openRedactor, type RedactorChoice } from './redact/open.ts';

/** The thread of `preparePool`: one preparer a session, each with a redactor of its own. */
const { redactor, compress, harnesses: modules } = workerData as PrepareWorkerData;
const known = [...harnesses, ...(await loadHarnesses(modules, []))];
const preparers = new Map<number, Preparer>();

export interface PrepareWorkerData {
  readonly redactor: RedactorChoice;
  readonly compress: number;
  /** Modules with harnesses from outside the package. */
  readonly harnesses: readonly string[];
}

parentPort?.on('message', (call: PrepareCall) => {
  const preparer = preparers.get(call.session);
  if (call.call === 'open') {
    const harness = known.find(({ name }) => name === call.harness);
    if (harness) preparers.set(call.session, inlinePreparer(harness, openRedactor(redactor), compress));
  } else if (call.call === 'close') preparers.delete(call.session);
  else if (call.call === 'begin') preparer?.begin(...call.arguments);
  else {
    const work = !preparer
      ? Promise.reject(new Error(`no preparer for session ${call.session}`))
      : call.call === 'prepare'
        ? preparer.prepare(...call.arguments)
        : preparer.redact(...call.arguments);
    work.then(
      (result) => answer({ id: call.id, result }, 'body' in result ? owned(result.body) : []),
      (error) => answer({ id: call.id, error: told(error) }),
    );
  }
});

/** A small body may lie in memory that is shared with others: it cannot be moved, and is copied. */
function owned({ byteLength, buffer }: Uint8Array): readonly ArrayBuffer[] {
  return byteLength > 64 << 10 && buffer instanceof ArrayBuffer ? [buffer] : [];
}

function answer(message: PrepareAnswer, moved: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, moved);
}

function told(error: unknown) {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof CairnError)) return { message };
  return { code: error.code, message, ...(error.hint !== undefined && { hint: error.hint }) };
}
