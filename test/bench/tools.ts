import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Corpus } from './corpus.ts';
import type { Measure } from './measure.ts';
import type { Rgw } from './rgw.ts';

/** A program that copies a corpus to a target; the same call again ships what is new. */
export interface Tool {
  readonly name: string;
  readonly target: 'directory' | 'rgw';
  command(job: Job): readonly string[];
  environment(job: Job): NodeJS.ProcessEnv;
  /** Requests by the tool's own count, where it keeps one. */
  counted?(measure: Measure): number | undefined;
}

/** `folder` is scratch that belongs to one tool, one corpus and one round. */
export interface Job {
  readonly corpus: Corpus;
  readonly folder: string;
  /** Absent where no tool copies to it. */
  readonly rgw: Rgw | undefined;
}

const main = join(import.meta.dirname, '../../../dist/src/cli/main.js');

export const cairnCommand = [process.execPath, main];

const cairn = (target: Tool['target'], bucket: (job: Job) => string): Tool => ({
  name: 'cairn',
  target,
  command: (job) => [
    ...[...cairnCommand, 'session', 'mirror', '--harness', 'claude-code', '--all', '--json'],
    ...['--bucket', bucket(job)],
  ],
  environment: ({ corpus, folder, rgw }) => ({
    ...rgw?.env,
    HOME: folder,
    CLAUDE_CONFIG_DIR: corpus.folder,
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_DATA_HOME: join(folder, 'data'),
  }),
  counted: ({ stdout }) => done(stdout).requests,
});

const rcloneEnvironment = ({ folder, rgw }: Job): NodeJS.ProcessEnv => ({
  HOME: folder,
  RCLONE_CONFIG: '/dev/null',
  RCLONE_CONFIG_RGW_TYPE: 's3',
  RCLONE_CONFIG_RGW_PROVIDER: 'Ceph',
  RCLONE_CONFIG_RGW_ENDPOINT: rgw?.endpoint,
  RCLONE_CONFIG_RGW_REGION: rgw?.region,
  RCLONE_CONFIG_RGW_FORCE_PATH_STYLE: 'true',
  RCLONE_CONFIG_RGW_ACCESS_KEY_ID: rgw?.env.AWS_ACCESS_KEY_ID,
  RCLONE_CONFIG_RGW_SECRET_ACCESS_KEY: rgw?.env.AWS_SECRET_ACCESS_KEY,
});

const rclone = (target: Tool['target'], destination: (job: Job) => string): Tool => ({
  name: 'rclone copy',
  target,
  command: (job) => ['/usr/bin/rclone', 'copy', job.corpus.folder, destination(job)],
  environment: rcloneEnvironment,
});

const aws: Tool = {
  name: 'aws s3 sync',
  target: 'rgw',
  command(job) {
    const { endpoint, bucket } = serverOf(job);
    return [
      ...['/usr/bin/aws', '--endpoint-url', endpoint, 's3', 'sync', job.corpus.folder],
      ...[`s3://${bucket}/aws/${job.corpus.name}`, '--only-show-errors'],
    ];
  },
  environment: ({ folder, rgw }) => ({
    ...rgw?.env,
    HOME: folder,
    AWS_DEFAULT_REGION: rgw?.region,
    AWS_EC2_METADATA_DISABLED: 'true',
  }),
};

export const tools: readonly Tool[] = [
  cairn('directory', ({ folder }) => pathToFileURL(join(folder, 'bucket')).href),
  rclone('directory', ({ folder }) => join(folder, 'copy')),
  cairn('rgw', (job) => {
    const { endpoint, region, bucket } = serverOf(job);
    return `s3://${bucket}/cairn/${job.corpus.name}?${new URLSearchParams({ endpoint, region })}`;
  }),
  rclone('rgw', (job) => `rgw:${serverOf(job).bucket}/rclone/${job.corpus.name}`),
  aws,
];

function serverOf({ rgw }: Job): Rgw {
  if (!rgw) throw new Error('expected a server for a tool that copies to one');
  return rgw;
}

/** The last event of a mirror run. */
function done(stdout: string): { readonly requests?: number } {
  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}') as { event?: string; requests?: number };
  if (last.event !== 'done') throw new Error(`expected a last event "done", got ${JSON.stringify(last)}`);
  return last;
}
