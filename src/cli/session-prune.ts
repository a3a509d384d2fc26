import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { count, formatAge, formatBytes, visible } from './text.ts';
import { checkCount, parseDuration } from './values.ts';

const shortestMs = 86_400_000;

export const pruneCommand = defineCommand({
  usage: 'prune',
  describe: 'Remove old sessions from the bucket, for good',
  examples: [
    ['cairn session prune --older-than 90d --dry-run', 'what would go, and what stays and why'],
    ['cairn session prune --older-than 90d --keep-last 20 --harness codex', 'of each agent the newest 20 stay'],
  ],
  epilogue:
    'Never removes a session in which something was shipped within a day, nor one that a session which stays departs from. A source that is still on its host is not mirrored again unless it changes.',
  options: (yargs) =>
    yargs
      .option('older-than', {
        type: 'string',
        describe:
          'Where nothing happened for so long: 90d; at least 1d; default: as [upkeep.retention] of config.toml says',
      })
      .option('keep-last', { type: 'number', default: 0, describe: 'Of each agent the newest so many stay' })
      .option('harness', { type: 'string', array: true, describe: 'Only sessions of this agent' })
      .option('dry-run', { type: 'boolean', describe: 'Tell what would go; change nothing' }),
  async run(args, { output, app: open, signal }) {
    const { openState } = await import('../app.ts');
    const { planByRules, planPrune, pruneSessions } = await import('../mirror/prune.ts');
    const { readWholeCatalog } = await import('../sessions/catalog.ts');
    const { touchedAt } = await import('../sessions/list.ts');
    const olderMs = args.olderThan === undefined ? undefined : parseDuration('older-than', args.olderThan);
    const keepLast = checkCount('keep-last', args.keepLast, 0) ?? 0;
    if (olderMs !== undefined && olderMs < shortestMs) {
      throw new CairnError('usage', `expected --older-than of at least 1d, got ${args.olderThan}`);
    }
    const app = await open();
    const { retention } = app.config.upkeep;
    if (olderMs === undefined && Object.keys(retention).length === 0) {
      throw new CairnError(
        'usage',
        'expected --older-than, or rules below [upkeep.retention] in config.toml, got neither',
      );
    }
    const now = app.runtime.now();
    const { lines } = await readWholeCatalog(app.store, app.project, { signal });
    const plan =
      olderMs === undefined
        ? planByRules(lines, retention, now, args.harness)
        : planPrune(lines, { before: now - olderMs, keepLast, harness: args.harness, now });
    const verb = args.dryRun ? 'would remove' : 'removed';
    for (const { line, reason } of plan.keep) {
      const { harness, session } = line;
      if (output.json) await output.object({ event: 'kept', harness, session, reason });
      else if (reason === 'needed') output.note(`${harness}/${session} stays: another session departs from it`);
    }
    let removed = 0;
    let bytes = 0;
    const tell = async (line: (typeof lines)[number], more: { objects?: number; bytes?: number }) => {
      const { harness, session, title } = line;
      removed++;
      bytes += more.bytes ?? 0;
      if (output.json) {
        await output.object({
          event: args.dryRun ? 'would' : 'removed',
          harness,
          session,
          ...(title !== undefined && { title }),
          ...more,
        });
      } else
        await output.line(
          visible(`${verb} ${harness}/${session} (${formatAge(now - touchedAt(line))}): ${title ?? 'no title'}`),
        );
    };
    if (args.dryRun) for (const line of plan.remove) await tell(line, {});
    else {
      const state = await openState(app);
      const pruned = pruneSessions(app.writing(), app.project, state, app.runtime, plan.remove, { signal });
      for await (const { line, ...more } of pruned) await tell(line, more);
    }
    if (!output.json) {
      const size = args.dryRun ? '' : `, ${formatBytes(bytes)}`;
      output.note(`${verb} ${count(removed, 'session')}${size}; ${plan.keep.length} old ones stay`);
    }
    return undefined;
  },
});
