import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { encodeName } from '../store/keys.ts';

/** Where Cairn keeps what is this user's: by the XDG base directory specification. */
export interface UserFolders {
  /** `config.toml` and the key. */
  readonly config: string;
  /** The bucket that is there without any set-up. */
  readonly data: string;
  /** Local state of this machine: homes may be shared between machines. */
  readonly state: string;
}

/** `CAIRN_STATE` moves the state; a relative path in an XDG variable is to be ignored, says the specification. */
export function userFolders(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  machine: string,
): UserFolders {
  const base = (variable: string, fallback: string) => {
    const path = env[variable];
    return join(path && isAbsolute(path) ? path : join(home, fallback), 'cairn');
  };
  return {
    config: base('XDG_CONFIG_HOME', '.config'),
    data: base('XDG_DATA_HOME', '.local/share'),
    state: env.CAIRN_STATE || join(base('XDG_STATE_HOME', '.local/state'), encodeName(machine || 'host')),
  };
}

/** The bucket in a local folder that is used where none is set. */
export function embeddedBucket(folders: UserFolders): string {
  return pathToFileURL(join(folders.data, 'bucket')).href;
}
