import { createInterface } from 'node:readline/promises';
import { openConfig, thisHost } from '../app.ts';
import type { Context } from './command.ts';
import type { Output } from './output.ts';

/** Asks for what was not given, on a terminal; elsewhere the settings that hold are taken. Never asks for credentials. */
export async function askSettings(
  flags: Context['flags'],
  stdin: NodeJS.ReadStream,
  output: Output,
): Promise<Context['flags']> {
  if (flags.bucket !== undefined || !stdin.isTTY || !output.stderr.isTTY || output.quiet || output.strict) return flags;
  const { values } = await openConfig(flags, thisHost());
  const questions = createInterface({ input: stdin, output: output.stderr });
  try {
    const bucket = await questions.question(`Bucket, s3://… or file:///… [${values.bucket}] `);
    const project = flags.project ?? (await questions.question(`Project [${values.project}] `));
    return { ...flags, bucket: bucket.trim() || values.bucket, project: project.trim() || values.project };
  } finally {
    questions.close();
  }
}
