/** Commands of the program that belong together, by the title that they stand under; the rest stand under `Commands:`. */
const sections: Readonly<Record<string, readonly string[]>> = {
  'Working together:': ['task', 'send', 'inbox', 'ack', 'memory', 'artifact', 'agent', 'run', 'status', 'prime', 'gc'],
  'Short for `cairn task …`:': ['claim', 'complete', 'handoff', 'wait'],
  'This host:': ['init', 'doctor', 'config', 'demo'],
};

/** The help of the whole program, its commands in sections; the help of a command is left as it is. */
export function sectioned(help: string): string {
  const [, before, block, after] = /^(cairn <command>.*?\n\n)Commands:\n(.*?\n)(\n.*)$/s.exec(help) ?? [];
  if (before === undefined || block === undefined || after === undefined) return help;
  const entries = block.match(/^ {2}cairn .*\n(?: {3,}.*\n)*/gm) ?? [];
  const nameOf = (entry: string) => /^ {2}cairn (\S+)/.exec(entry)?.[1] ?? '';
  const placed = new Set(Object.values(sections).flat());
  const titled = [
    ['Commands:', entries.filter((entry) => !placed.has(nameOf(entry)))] as const,
    ...Object.entries(sections).map(
      ([title, names]) => [title, names.flatMap((name) => entries.filter((entry) => nameOf(entry) === name))] as const,
    ),
  ];
  const text = titled.filter(([, found]) => found.length > 0).map(([title, found]) => `${title}\n${found.join('')}`);
  return `${before}${text.join('\n')}${after}`;
}
