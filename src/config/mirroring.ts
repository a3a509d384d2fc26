import * as v from 'valibot';
import { CairnError } from '../errors.ts';

const table = v.strictObject({
  enabled: v.exactOptional(v.boolean('expected true or false')),
  exclude: v.exactOptional(v.array(v.string('expected paths of folders'))),
  budget: v.exactOptional(
    v.pipe(
      v.number('expected requests an hour'),
      v.integer('expected a whole number'),
      v.minValue(20, 'expected at least 20'),
    ),
  ),
});

/** The table `[mirror]` of a configuration file. */
export interface MirrorSettings {
  /** False: nothing of sessions in the file's folder and below leaves this host; in the user's file, of any folder that does not say otherwise. */
  readonly enabled?: boolean;
  /** The user's file only: folders whose sessions stay here; `~` is home, `*` stands for any name. */
  readonly exclude?: readonly string[];
  /** The user's file only: requests an hour that a live mirror makes at most. */
  readonly budget?: number;
}

/** @throws CairnError `config` */
export function parseMirror(path: string, value: unknown): MirrorSettings {
  const parsed = v.safeParse(table, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new CairnError('config', `${issue.message} at mirror.${v.getDotPath(issue) ?? ''} in ${path}`, {
    hint: 'write enabled = false, exclude = ["~/private"] or budget = 400 below [mirror]',
  });
}

/** Whether `CAIRN_MIRROR` switches mirroring on or off, whatever any file says. @throws CairnError `config` */
export function mirrorSwitch(env: Readonly<Record<string, string | undefined>>): boolean | undefined {
  const said = env.CAIRN_MIRROR?.toLowerCase();
  if (said === undefined || said === '') return undefined;
  if (['on', '1', 'true'].includes(said)) return true;
  if (['off', '0', 'false'].includes(said)) return false;
  throw new CairnError('config', `expected on or off in CAIRN_MIRROR, got ${JSON.stringify(env.CAIRN_MIRROR)}`, {
    hint: 'unset it to let the configuration files decide',
  });
}
