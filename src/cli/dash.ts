/** In place of a lone `-` while yargs reads the command line, which takes it for an option, or drops it; no argument has a NUL. */
const hidden = '\0-';

export function hideDashes(args: readonly string[]): string[] {
  return args.map((arg) => (arg === '-' ? hidden : arg));
}

/** The options and arguments of a command as they were given. */
export function showDashes<T extends object>(args: T): T {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, shown(value)])) as T;
}

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  return typeof value === 'string' ? showDash(value) : value;
}

export function showDash(text: string): string {
  return text.replaceAll(hidden, '-');
}
