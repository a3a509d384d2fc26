import type { RecordEvent, ToolCallBody } from './events.ts';
import { isPayload, type Json } from './payload.ts';

/** A file that a call wrote or changed. */
export interface Edit {
  readonly path: string;
  /** New text, where the call says it and it is no payload. */
  readonly text?: string;
}

const writers =
  /^(?:write|edit|multiedit|notebookedit|write_file|edit_file|create_file|str_replace.*|patch|apply_patch)$/i;

/** Files that a call was to write: of editing tools, and of patches whoever takes them. */
export function editsOf({ tool, input }: Pick<ToolCallBody, 'tool' | 'input'>): readonly Edit[] {
  const patch = patchIn(input);
  if (patch !== undefined) return patchEdits(patch);
  if (!writers.test(tool)) return [];
  const path = textField(input, 'file_path', 'path', 'notebook_path', 'filename');
  if (path === undefined) return [];
  const list = (input as { readonly edits?: Json }).edits;
  const changes = Array.isArray(list) ? list : [input];
  const texts = changes.flatMap(
    (one) => textField(one, 'new_string', 'content', 'new_source', 'newText', 'new_str') ?? [],
  );
  return [{ path, ...(texts.length > 0 && { text: texts.join('\n') }) }];
}

/** Commits that a result tells of: the line `[branch abc1234] message` of git. */
export function commitsOf(event: RecordEvent): readonly string[] {
  if (event.kind !== 'tool_result') return [];
  const text = typeof event.output === 'string' ? event.output : JSON.stringify(event.output);
  return [...text.matchAll(/(?:^|\n|\\n|")\[[^\]\n"]{1,200}? ([0-9a-f]{7,40})\] /g)].flatMap(([, hash]) => hash ?? []);
}

/** Whether a path of a transcript is the file: the same, or the same below some folder. */
export function isFile(path: string, wanted: string): boolean {
  const name = path.replaceAll('\\', '/');
  return name === wanted || name.endsWith(`/${wanted}`) || wanted.endsWith(`/${name}`);
}

/** codex hands a patch to a tool of its own, or to the shell. */
function patchIn(input: Json): string | undefined {
  const texts = typeof input === 'string' ? [input] : stringsIn(input);
  return texts.find((text) => text.includes('*** Begin Patch'));
}

function patchEdits(patch: string): readonly Edit[] {
  const files = patch.split(/^\*\*\* (?=(?:Add|Update|Delete) File: )/m).slice(1);
  return files.map((file) => {
    const [head = '', ...lines] = file.split('\n');
    const text = lines.flatMap((line) => (line.startsWith('+') ? [line.slice(1)] : [])).join('\n');
    return { path: head.replace(/^\w+ File: /, '').trim(), ...(text !== '' && { text }) };
  });
}

function stringsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || isPayload(value)) return [];
  return Object.values(value).flatMap((item) => (item === undefined ? [] : stringsIn(item)));
}

function textField(value: Json, ...names: readonly string[]): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const name of names) {
    const found = (value as Readonly<Record<string, Json | undefined>>)[name];
    if (typeof found === 'string') return found;
  }
  return undefined;
}
