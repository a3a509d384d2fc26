import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { type MirrorSettings, parseMirror } from './mirroring.ts';
import { nearest } from './nearest.ts';
import { type ModelPrices, parsePrices } from './prices.ts';
import { parseUpkeep, type Upkeep } from './upkeep.ts';

/** A name that goes into keys: composed the same way everywhere, and nothing in it that a terminal would obey. */
const name = v.pipe(
  v.string('expected text'),
  v.normalize('NFC'),
  v.minLength(1, 'expected a name, got nothing'),
  v.maxLength(200, 'expected a name of at most 200 characters'),
  v.regex(/^[^\p{C}]+$/u, 'expected a name without control characters'),
);

const bucket = v.pipe(
  v.string('expected text'),
  v.regex(/^(?:s3:\/\/[^/\s]|file:\/\/\/)/, 'expected s3://bucket[/prefix] or file:///folder'),
  v.check(
    (url) => !/^\w+:\/\/[^/?#]*@/.test(url),
    'expected a URL without credentials: they come from AWS_ACCESS_KEY_ID, AWS_PROFILE or a role',
  ),
);

const settings = { bucket, project: name, agent: name, user: name };

/** A setting that may stand in a configuration file, in `CAIRN_…` or as an option. */
export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as readonly SettingName[];

/** Values of one source; what is absent is asked of the next. */
export interface SettingSource {
  /** For people: `--bucket`, `CAIRN_BUCKET`, a file, `default`. */
  origin(name: SettingName): string;
  readonly values: Readonly<Partial<Record<SettingName, string | undefined>>>;
  /** Paths of modules with harnesses, as they are written there. */
  readonly harnesses?: readonly string[];
  /** Prices of models. */
  readonly prices?: ModelPrices;
  readonly mirror?: MirrorSettings;
  /** What a live mirror does once a day. */
  readonly upkeep?: Upkeep;
}

/** The settings that hold, each with where it comes from. */
export interface Settings {
  readonly values: Readonly<Record<Exclude<SettingName, 'user'>, string>> & { readonly user?: string };
  readonly origins: Readonly<Partial<Record<SettingName, string>>>;
}

/**
 * For every setting the first source that has it.
 * @throws CairnError `config`, naming the source
 */
export function chooseSettings(sources: readonly SettingSource[]): Settings {
  const values: Partial<Record<SettingName, string>> = {};
  const origins: Partial<Record<SettingName, string>> = {};
  for (const key of settingNames) {
    const source = sources.find(({ values: given }) => given[key] !== undefined);
    if (!source) continue;
    const parsed = v.safeParse(settings[key], source.values[key]);
    if (!parsed.success) {
      throw new CairnError('config', `${parsed.issues[0].message}, got ${JSON.stringify(source.values[key])}`, {
        hint: `correct ${key} in ${source.origin(key)}`,
      });
    }
    values[key] = parsed.output;
    origins[key] = source.origin(key);
  }
  const { bucket: url, project, agent, user } = values;
  if (url === undefined || project === undefined || agent === undefined) throw new Error('a setting has no default');
  return { values: { bucket: url, project, agent, ...(user !== undefined && { user }) }, origins };
}

/** Options of the command line. */
export function flagSource(flags: SettingSource['values']): SettingSource {
  return { origin: (key) => `--${key}`, values: flags };
}

/** `CAIRN_BUCKET` and so on; an empty variable counts as none. */
export function environmentSource(env: Readonly<Record<string, string | undefined>>): SettingSource {
  const variable = (key: SettingName) => `CAIRN_${key.toUpperCase()}`;
  return {
    origin: variable,
    values: Object.fromEntries(settingNames.map((key) => [key, env[variable(key)] || undefined])),
  };
}

export function defaultSource(values: SettingSource['values']): SettingSource {
  return { origin: () => 'default', values };
}

/**
 * A configuration file that was read as `table`.
 * @throws CairnError `config` for a key that is not a setting, or a value that is no text
 */
export function fileSource(path: string, table: Readonly<Record<string, unknown>>): SettingSource {
  const { harnesses, prices, mirror, upkeep, ...texts } = table;
  for (const [key, value] of Object.entries(texts)) {
    if (!(settingNames as readonly string[]).includes(key)) {
      const near = nearest(key, settingNames);
      throw new CairnError('config', `expected a setting in ${path}, got the unknown key ${JSON.stringify(key)}`, {
        hint: near === undefined ? `known are ${settingNames.join(', ')}` : `did you mean ${near}?`,
      });
    }
    if (typeof value !== 'string') {
      throw new CairnError('config', `expected text for ${key} in ${path}, got ${JSON.stringify(value) ?? 'nothing'}`, {
        hint: `write it in quotes: ${key} = "…"`,
      });
    }
  }
  if (harnesses !== undefined && !(Array.isArray(harnesses) && harnesses.every((entry) => typeof entry === 'string'))) {
    throw new CairnError(
      'config',
      `expected paths of modules for harnesses in ${path}, got ${JSON.stringify(harnesses)}`,
      {
        hint: 'write harnesses = ["./mine.mjs"]',
      },
    );
  }
  return {
    origin: () => path,
    values: texts as SettingSource['values'],
    ...(harnesses !== undefined && { harnesses }),
    ...(prices !== undefined && { prices: parsePrices(path, prices) }),
    ...(mirror !== undefined && { mirror: parseMirror(path, mirror) }),
    ...(upkeep !== undefined && { upkeep: parseUpkeep(path, upkeep) }),
  };
}
