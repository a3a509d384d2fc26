import type { Preparer } from './preparer.ts';

/** A text from outside the records, as it may be shown in the bucket. */
export async function redactedText(preparer: Preparer, text: string): Promise<string> {
  const { block } = await preparer.redact(Buffer.from(`${JSON.stringify(text)}\n`));
  return JSON.parse(Buffer.from(block).toString('utf8')) as string;
}
