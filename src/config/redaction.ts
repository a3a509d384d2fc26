import { join } from 'node:path';
import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import type { ConfigHost } from './config.ts';
import { findProjectFile, readToml } from './files.ts';
import { userFolders } from './folders.ts';

/** A project's own rules of redaction, looked for in the current folder and above. */
const redactionFile = '.cairn-redact.toml';

const text = v.pipe(v.string('expected text'), v.minLength(1, 'expected text, got nothing'), v.maxLength(4096));
const texts = v.array(text, 'expected a list of texts');
const bits = v.pipe(v.number('expected bits a character'), v.minValue(0), v.maxValue(8));
const flag = v.boolean('expected true or false');
/** Where an entry holds: in records of these tools, or that name these paths. */
const scope = { tools: v.optional(texts), paths: v.optional(texts) };

const schema = v.strictObject({
  disable: v.optional(texts),
  entropy: v.optional(v.strictObject({ least: v.optional(bits), anywhere: v.optional(bits) })),
  names: v.optional(
    v.strictObject({
      home: v.optional(flag),
      user: v.optional(flag),
      host: v.optional(flag),
      words: v.optional(texts),
    }),
  ),
  rule: v.optional(
    v.array(
      v.strictObject({
        name: v.pipe(
          text,
          v.regex(/^[a-z0-9][a-z0-9-]{1,31}$/, 'expected a name of a-z, 0-9 and -, 2 to 32 characters'),
        ),
        pattern: text,
        ignore_case: v.optional(flag),
        ...scope,
      }),
    ),
  ),
  allow: v.optional(
    v.array(
      v.pipe(
        v.strictObject({ rules: v.optional(texts), values: v.optional(texts), pattern: v.optional(text), ...scope }),
        v.check((entry) => Object.keys(entry).length > 0, 'expected rules, values, pattern, tools or paths'),
      ),
    ),
  ),
});

/** What one file says of redaction. */
type File = v.InferOutput<typeof schema>;
/** A rule of the user's own: `pattern` is a regular expression, of which the groups are replaced, or all of it. */
export type OwnRule = NonNullable<File['rule']>[number];
/** What is left alone: all that is given has to hold. */
export type Allowance = NonNullable<File['allow']>[number];

/** Text that stands for this host or its user, and what is written instead; without that, a mark. */
export interface MaskedName {
  readonly rule: 'home' | 'user' | 'host' | 'name';
  readonly text: string;
  readonly instead?: string;
}

/** How the user's configuration changes redaction. Plain data. */
export interface RedactionSettings {
  /** Names of rules that are not applied. */
  readonly disable: readonly string[];
  readonly rules: readonly OwnRule[];
  readonly allow: readonly Allowance[];
  readonly names: readonly MaskedName[];
  /** Bits a character that a value beside a telling name has at least. */
  readonly least?: number | undefined;
  /** Bits a character from which a token is replaced wherever it stands. */
  readonly anywhere?: number | undefined;
}

/** Shorter ones are parts of too many words. */
const shortestName = 3;

/**
 * The nearest `.cairn-redact.toml` and the user's `redact.toml` together: lists add up, of two numbers the
 * project's holds. `undefined` where neither is there.
 * @throws CairnError `config`, `denied`
 */
export async function loadRedaction(host: ConfigHost): Promise<RedactionSettings | undefined> {
  const paths = [
    join(userFolders(host.env, host.home, host.machine).config, 'redact.toml'),
    await findProjectFile(host.cwd, host.uid, redactionFile),
  ];
  const files = await Promise.all(paths.map((path) => (path === undefined ? undefined : readFile(path))));
  const found = files.filter((file) => file !== undefined);
  if (found.length === 0) return undefined;
  const entropy = Object.assign({}, ...found.map((file) => file.entropy)) as NonNullable<File['entropy']>;
  return {
    disable: found.flatMap((file) => file.disable ?? []),
    rules: found.flatMap((file) => file.rule ?? []),
    allow: found.flatMap((file) => file.allow ?? []),
    names: namesOf(found, host),
    ...entropy,
  };
}

async function readFile(path: string): Promise<File | undefined> {
  const table = await readToml(path, 'disable = ["wallet-key"]');
  if (table === undefined) return undefined;
  const parsed = v.safeParse(schema, table);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue) ?? 'its top';
  const unknown = issue.expected === 'never';
  throw new CairnError(
    'config',
    unknown ? `expected a known key in ${path}, got ${place}` : `${issue.message} for ${place} in ${path}`,
    { hint: 'known are disable, entropy (least, anywhere), names (home, user, host, words), [[rule]] and [[allow]]' },
  );
}

function namesOf(files: readonly File[], { home, login, machine }: ConfigHost): readonly MaskedName[] {
  const wants = (name: 'home' | 'user' | 'host') => files.some((file) => file.names?.[name]);
  const names: MaskedName[] = files.flatMap((file) =>
    (file.names?.words ?? []).map((word): MaskedName => ({ rule: 'name', text: word })),
  );
  if (wants('home') && home.length > 1) names.push({ rule: 'home', text: home, instead: '~' });
  if (wants('user')) names.push({ rule: 'user', text: login, instead: 'user' });
  if (wants('host')) names.push({ rule: 'host', text: machine, instead: 'host' });
  return names.filter(({ text, instead }) => text.length >= shortestName && text !== instead);
}
