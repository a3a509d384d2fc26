import { join, resolve } from 'node:path';
import { CairnError } from '../errors.ts';
import { findProjectFile, readSettings } from './files.ts';
import { embeddedBucket, type UserFolders, userFolders } from './folders.ts';
import { gitUser } from './git-user.ts';
import type { MirrorSettings } from './mirroring.ts';
import type { ModelPrices } from './prices.ts';
import {
  chooseSettings,
  defaultSource,
  environmentSource,
  flagSource,
  type SettingSource,
  type Settings,
} from './settings.ts';
import type { Upkeep } from './upkeep.ts';

/** What of a host decides its configuration; handed in. */
export interface ConfigHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly cwd: string;
  /** Name of this machine. */
  readonly machine: string;
  /** Login name. */
  readonly login: string;
  readonly uid: number | undefined;
}

export interface Config extends Settings {
  readonly folders: UserFolders;
  /** Random bytes by which this user's sources are told: 32, hexadecimal, mode 0600. */
  readonly keyFile: string;
  /** The user's age identity, by which encrypted projects are read; mode 0600. */
  readonly identityFile: string;
  readonly userFile: string;
  /** The `.cairn.toml` that was found, or nothing. */
  readonly projectFile: string | undefined;
  /** Modules with harnesses from outside the package, absolute paths. */
  readonly harnesses: readonly string[];
  /** Prices of models, before the list prices. */
  readonly prices: ModelPrices;
  /** What the user says of mirroring; a project's file is asked for each session's folder. */
  readonly mirror: MirrorSettings;
  /** What a live mirror does once a day besides mirroring. */
  readonly upkeep: Upkeep;
}

/**
 * Settings from options, `CAIRN_…`, the nearest `.cairn.toml`, the user's `config.toml` and defaults, in
 * this order.
 * @param repository top folder of the checkout that `cwd` is in
 * @throws CairnError `config`, `denied`
 */
export async function loadConfig(
  flags: SettingSource['values'],
  host: ConfigHost,
  repository?: string,
): Promise<Config> {
  const folders = userFolders(host.env, host.home, host.machine);
  const userFile = join(folders.config, 'config.toml');
  const projectFile = await findProjectFile(host.cwd, host.uid);
  const ofProject = projectFile === undefined ? undefined : await readSettings(projectFile);
  if (ofProject?.harnesses) throw codeInProject(projectFile, userFile);
  if (ofProject?.mirror?.exclude || ofProject?.mirror?.budget !== undefined)
    throw ofTheUser('mirror.exclude and mirror.budget', projectFile, userFile);
  if (ofProject?.upkeep) throw upkeepInProject(projectFile, userFile);
  const ofUser = await readSettings(userFile);
  const sources = [
    flagSource(flags),
    environmentSource(host.env),
    ofProject,
    ofUser,
    { origin: () => 'git', values: { user: await gitUser(host.env, host.home, repository) } },
    defaultSource({ bucket: embeddedBucket(folders), project: 'default', agent: `${host.login}@${host.machine}` }),
  ];
  return {
    ...chooseSettings(sources.filter((source) => source !== undefined)),
    folders,
    keyFile: join(folders.config, 'key'),
    identityFile: join(folders.config, 'identity'),
    userFile,
    projectFile,
    mirror: ofUser?.mirror ?? {},
    upkeep: ofUser?.upkeep ?? { compact: false, retention: {} },
    prices: { ...ofUser?.prices, ...ofProject?.prices },
    harnesses: (ofUser?.harnesses ?? []).map((path) => resolve(folders.config, path)),
  };
}

function ofTheUser(what: string, projectFile: string | undefined, userFile: string): CairnError {
  return new CairnError('config', `expected no ${what} in ${projectFile}: they are of the whole host`, {
    hint: `move them to ${userFile}; a project may say [mirror] enabled = false`,
  });
}

/** A project's file comes with the checkout; what it named would be removed from a bucket by whoever enters that folder. */
function upkeepInProject(projectFile: string | undefined, userFile: string): CairnError {
  return new CairnError('config', `expected no [upkeep] in ${projectFile}: only you say what is removed`, {
    hint: `move that table to ${userFile}, if you want it`,
  });
}

/** A project's file comes with the checkout; what it named would run as whoever enters that folder. */
function codeInProject(projectFile: string | undefined, userFile: string): CairnError {
  return new CairnError(
    'config',
    `expected no harnesses in ${projectFile}: a harness is code, and only you say what runs`,
    {
      hint: `move that line to ${userFile}, if you trust it`,
    },
  );
}
