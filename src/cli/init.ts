import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';

export const initCommand = defineCommand({
  usage: 'init [bucket]',
  describe: 'Say where the sessions of this project go: probes the bucket and writes .cairn.toml',
  examples: [
    ['cairn init s3://team-bucket/cairn --project web-app', 'a bucket of AWS; credentials come from the environment'],
    ["cairn init 's3://bucket?endpoint=https://s3.example.org&region=eu-1'", 'any S3-compatible store'],
    ['cairn init file:///srv/cairn', 'a folder'],
    ['cairn init s3://team-bucket --project secret --encrypt', 'encrypted on the hosts, for its members'],
  ],
  epilogue: 'Nothing is written before the bucket was probed. Credentials are never written anywhere.',
  options: (yargs) =>
    yargs
      .positional('bucket', { type: 'string', describe: 's3://bucket/prefix?endpoint=…&region=… or file:///folder' })
      .option('single-writer', {
        type: 'boolean',
        describe: 'Take a store that ignores conditions: only one host and process will ever write',
      })
      .option('encrypt', {
        type: 'boolean',
        describe: 'Encrypt everything in this new project for its members: you, and each --recipient',
      })
      .option('recipient', {
        type: 'string',
        array: true,
        describe: 'Another member: age1…, as `cairn member key` says',
      })
      .option('force', { type: 'boolean', describe: 'Replace a .cairn.toml that says otherwise' }),
  async run(args, { output, stdin, flags }) {
    const { initProject } = await import('./init-project.ts');
    const { askSettings } = await import('./init-questions.ts');
    const wanted = await askSettings({ ...flags, bucket: args.bucket ?? flags.bucket }, stdin, output);
    if (args.recipient && !args.encrypt) {
      throw new CairnError('usage', 'expected --encrypt beside --recipient, got none');
    }
    const done = await initProject(wanted, {
      force: args.force ?? false,
      singleWriter: args.singleWriter ?? false,
      encryptFor: args.encrypt ? (args.recipient ?? []) : undefined,
    });
    if (output.json) await output.object(done);
    else {
      await output.line(`${done.changed ? 'wrote' : 'already so:'} ${done.file}`);
      await output.line(`bucket   ${done.bucket}`);
      await output.line(
        `project  ${done.project}${done.created ? ' (new)' : ''}${done.encrypted ? ' (encrypted)' : ''}`,
      );
      if (done.public) output.note('anyone can read this bucket without credentials: close it to the public');
      if (done.ignored !== null) await output.line(`added ${done.ignored} to .gitignore`);
      await output.line();
      await output.line('next: cairn session mirror');
    }
    return undefined;
  },
});
