import type { Command } from './command.ts';

/** `cairn session …`, in the order of its help; a command is loaded when it is asked for. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  mirror: async () => (await import('./session-mirror.ts')).mirrorCommand,
  list: async () => (await import('./session-list.ts')).listCommand,
  show: async () => (await import('./session-show.ts')).showCommand,
  search: async () => (await import('./session-search.ts')).searchCommand,
  cat: async () => (await import('./session-cat.ts')).catCommand,
  tail: async () => (await import('./session-tail.ts')).tailCommand,
  resume: async () => (await import('./session-resume.ts')).resumeCommand,
  fork: async () => (await import('./session-fork.ts')).forkCommand,
  handoff: async () => (await import('./session-handoff.ts')).handoffCommand,
  share: async () => (await import('./session-share.ts')).shareCommand,
  pull: async () => (await import('./session-pull.ts')).pullCommand,
  events: async () => (await import('./session-events.ts')).eventsCommand,
  payload: async () => (await import('./session-payload.ts')).payloadCommand,
  timeline: async () => (await import('./session-timeline.ts')).timelineCommand,
  export: async () => (await import('./session-export.ts')).exportCommand,
  import: async () => (await import('./session-import.ts')).importCommand,
  materialize: async () => (await import('./session-materialize.ts')).materializeCommand,
  reconcile: async () => (await import('./session-materialize.ts')).reconcileCommand,
  stats: async () => (await import('./session-stats.ts')).statsCommand,
  tree: async () => (await import('./session-tree.ts')).treeCommand,
  replay: async () => (await import('./session-replay.ts')).replayCommand,
  diff: async () => (await import('./session-diff.ts')).diffCommand,
  label: async () => (await import('./session-label.ts')).labelCommand,
  truncate: async () => (await import('./session-truncate.ts')).truncateCommand,
  stop: async () => (await import('./session-stop.ts')).stopCommand,
  archive: async () => (await import('./session-archive.ts')).archiveCommand,
  unarchive: async () => (await import('./session-archive.ts')).unarchiveCommand,
  delete: async () => (await import('./session-delete.ts')).deleteCommand,
  verify: async () => (await import('./session-verify.ts')).verifyCommand,
  guard: async () => (await import('./session-guard.ts')).guardCommand,
  compact: async () => (await import('./session-compact.ts')).compactCommand,
  prune: async () => (await import('./session-prune.ts')).pruneCommand,
};

/** Those that `args` may name; all of them where it names none. */
export function loadSessionCommands(args: readonly string[] = []): Promise<readonly Command[]> {
  const named = Object.keys(commands).filter((name) => args.includes(name));
  const wanted = named.length > 0 ? named : Object.keys(commands);
  return Promise.all(wanted.flatMap((name) => commands[name]?.() ?? []));
}
