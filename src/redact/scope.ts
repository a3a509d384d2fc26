import { posix } from 'node:path';

/** What a record is about: the tools that it calls or has results of, the paths that it names. */
export interface Scope {
  readonly tools: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
}

/** The newest so many calls are known, until their results come. */
const rememberedCalls = 10_000;
const deepest = 24;
/** By any agent's name for it: `tool_use` of claude-code, `function_call` of codex, `toolCall` of openclaw. */
const callId = ['id', 'call_id', 'tool_call_id', 'toolCallId'] as const;
const resultId = ['tool_use_id', 'call_id', 'tool_call_id', 'toolCallId'] as const;
const toolName = ['name', 'tool_name', 'toolName'] as const;
const pathName = /^(?:(?:file|notebook|dir|target)?_?path|file_?name|cwd|workdir)$/i;
const argumentName = ['input', 'arguments', 'args', 'action', 'function'] as const;

/** Reads the scope of one record after the other; the result of a call has the scope of the call. */
export function createScopes(): (line: Uint8Array) => Scope {
  const calls = new Map<string, Scope>();
  return (line) => {
    const tools = new Set<string>();
    const paths = new Set<string>();
    const scope = { tools, paths };
    const visit = (value: unknown, depth: number): void => {
      if (value === null || typeof value !== 'object' || depth > deepest) return;
      const object = value as Readonly<Record<string, unknown>>;
      const name = textAt(object, toolName);
      const result = textAt(object, resultId);
      const call = result === undefined ? undefined : calls.get(result);
      for (const tool of call?.tools ?? []) tools.add(tool);
      for (const path of call?.paths ?? []) paths.add(path);
      const given = argumentName.map((key) => object[key]).find((input) => input !== undefined);
      if (name !== undefined && (given !== undefined || result !== undefined)) tools.add(name);
      const id = textAt(object, callId);
      if (id !== undefined && given !== undefined) remember(calls, id, scope);
      // Arguments are themselves JSON with some agents.
      if (typeof given === 'string' && given.startsWith('{')) visit(parse(given), depth + 1);
      for (const [key, inner] of Object.entries(object)) {
        if (typeof inner === 'string' && pathName.test(key)) paths.add(posix.normalize(inner.replaceAll('\\', '/')));
        else visit(inner, depth + 1);
      }
    };
    visit(parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8')), 0);
    return scope;
  };
}

function remember(calls: Map<string, Scope>, id: string, scope: Scope): void {
  calls.set(id, scope);
  const [oldest] = calls.keys();
  if (calls.size > rememberedCalls && oldest !== undefined) calls.delete(oldest);
}

function textAt(object: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  return keys.map((key) => object[key]).find((value) => typeof value === 'string');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a line that is no JSON has no scope
  }
}
