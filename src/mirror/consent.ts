import { dirname, join } from 'node:path';
import { findProjectFile, readToml } from '../config/files.ts';
import { mirrorSwitch, parseMirror } from '../config/mirroring.ts';

/** Says of a session's working directory whether what was done there may leave this host. */
export type Consent = (cwd: string | undefined) => Promise<boolean>;

export interface ConsentSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly uid: number | undefined;
  /** The user's patterns of folders. */
  readonly exclude: readonly string[];
  /** What holds where no file says anything. */
  readonly enabled: boolean;
}

/**
 * Opens one pass over sessions, in which a folder is looked at once. `CAIRN_MIRROR` beats all; then what the user
 * excludes stays here; then the nearest `.cairn.toml` at or above the folder that says `[mirror] enabled`, and
 * last the user's own file. A file that cannot be understood keeps its sessions here: the pass throws its error.
 */
export function openConsent({ env, home, uid, exclude, enabled: byDefault }: ConsentSources): () => Consent {
  const switched = mirrorSwitch(env);
  const patterns = exclude.map((pattern) => folderPattern(pattern.replace(/^~(?=$|\/)/, home)));
  return () => {
    const said = new Map<string, Promise<boolean>>();
    const enabled = (folder: string): Promise<boolean> => {
      const known = said.get(folder) ?? lookUp(folder);
      said.set(folder, known);
      return known;
    };
    const lookUp = async (folder: string): Promise<boolean> => {
      const path = await findProjectFile(folder, uid);
      if (path === undefined) return byDefault;
      if (dirname(path) !== folder) return enabled(dirname(path));
      const { mirror } = (await readToml(path, '[mirror]')) ?? {};
      const { enabled: here } = mirror === undefined ? {} : parseMirror(path, mirror);
      if (here !== undefined) return here;
      return dirname(folder) === folder ? byDefault : enabled(dirname(folder));
    };
    return async (cwd) => {
      if (switched !== undefined) return switched;
      if (cwd === undefined) return byDefault;
      return !patterns.some((pattern) => pattern.test(join(cwd, '/'))) && (await enabled(cwd));
    };
  };
}

/** Matches a folder, ended by a slash, and all below. */
function folderPattern(pattern: string): RegExp {
  const source = pattern
    .replace(/\/+$/, '')
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**', '\u0000')
    .replaceAll('*', '[^/]*')
    .replaceAll('\u0000', '.*');
  return new RegExp(`^${source}/`);
}
