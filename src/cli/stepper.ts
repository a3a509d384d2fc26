import { createInterface, emitKeypressEvents } from 'node:readline';
import type { RecordEvent } from '../trajectory/events.ts';
import { eventText, firstLine } from './event-text.ts';
import type { Output } from './output.ts';
import { truncate, visible, visibleLines } from './text.ts';

interface StepperOptions {
  readonly output: Output;
  readonly stdin: NodeJS.ReadStream;
  readonly signal: AbortSignal;
  /** An event in full, as text of several lines. */
  shown(event: RecordEvent): string;
}

const keys = '→ next  ← back  t turn  c call  e error  / search  n again  g event  q quit';

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly sequence?: string;
}

/** Events on a terminal, one at a time, forwards and back by key. */
export async function stepThrough(events: readonly RecordEvent[], options: StepperOptions): Promise<void> {
  const { output, stdin, signal } = options;
  let at = 0;
  let word = '';
  const go = (next: number) => {
    at = Math.min(Math.max(next, 0), events.length - 1);
  };
  const find = (is: (event: RecordEvent) => boolean) => {
    const found = events.findIndex((event, i) => i > at && is(event));
    if (found >= 0) at = found;
    return found >= 0;
  };
  const hasWord = (event: RecordEvent) =>
    `${eventText(event).text} ${options.shown(event)}`.toLowerCase().includes(word.toLowerCase());
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    draw(events, at, options);
    while (!signal.aborted) {
      const key = await nextKey(stdin, signal);
      const name = key.name ?? key.sequence;
      let missed = false;
      if (name === 'q' || name === 'escape' || (key.ctrl && (name === 'c' || name === 'd'))) break;
      if (['right', 'down', 'space', 'return'].includes(name ?? '') || (name === 'n' && word === '')) go(at + 1);
      else if (name === 'left' || name === 'up' || name === 'backspace') go(at - 1);
      else if (name === 'home') go(0);
      else if (name === 'end') go(events.length - 1);
      else if (name === 't') missed = !find((event) => event.kind === 'message' && event.prompt === true);
      else if (name === 'c') missed = !find(({ kind }) => kind === 'tool_call');
      else if (name === 'e')
        missed = !find((event) => event.kind === 'error' || (event.kind === 'tool_result' && event.error === true));
      else if (name === 'g') {
        const seq = Number(await ask(options, 'event: '));
        const found = events.findIndex((event) => event.seq >= seq);
        if (found >= 0) at = found;
        missed = found < 0;
      } else if (key.sequence === '/' || name === 'n') {
        if (name !== 'n') word = await ask(options, '/');
        missed = word === '' || !find(hasWord);
      } else continue;
      draw(events, at, options, missed ? 'nothing further' : undefined);
    }
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    output.stdout.write('\n');
  }
}

function draw(events: readonly RecordEvent[], at: number, { output, shown }: StepperOptions, note = ''): void {
  const event = events[at];
  if (!event) return;
  const { columns = 80 } = output.stdout;
  const rows = (output.stdout as { readonly rows?: number }).rows ?? 24;
  const { label } = eventText(event);
  const head = `${at + 1}/${events.length}  event ${event.seq}  turn ${event.turn}  ${label}  ${event.time ?? ''}`;
  const room = Math.max(rows - 6, 3);
  const lines = visibleLines(shown(event)).split('\n');
  const body = lines.slice(0, room).map((line) => truncate(line, columns - 1));
  if (lines.length > room) body[room - 1] = `… ${lines.length - room + 1} more lines`;
  const next = events[at + 1];
  const { label: nextLabel, text } = next ? eventText(next) : { label: '', text: 'the end' };
  const foot = `${note === '' ? 'next' : note}: ${nextLabel} ${visible(firstLine(text))}`;
  output.stdout.write(
    `\u001b[2J\u001b[H${output.style('bold', truncate(visible(head), columns - 1))}\n\n${body.join('\n')}\n\n${output.style('dim', `${truncate(foot, columns - 1)}\n${truncate(keys, columns - 1)}`)}`,
  );
}

function nextKey(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<Key> {
  return new Promise((resolve) => {
    const done = (key: Key) => {
      stdin.off('keypress', onKey);
      signal.removeEventListener('abort', onAbort);
      resolve(key);
    };
    const onKey = (_: string | undefined, key: Key) => done(key);
    const onAbort = () => done({ name: 'q' });
    stdin.on('keypress', onKey);
    signal.addEventListener('abort', onAbort);
  });
}

async function ask({ output, stdin, signal }: StepperOptions, question: string): Promise<string> {
  stdin.setRawMode(false);
  const reader = createInterface({ input: stdin, output: output.stdout });
  try {
    return await new Promise<string>((resolve) => {
      reader.question(`\r\u001b[K${question}`, { signal }, resolve);
      reader.once('close', () => resolve(''));
    });
  } finally {
    reader.close();
    stdin.setRawMode(true);
    stdin.resume();
  }
}
