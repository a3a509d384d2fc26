import type { Redactor } from '../redact/types.ts';
import type { ExportSource } from './source.ts';

/**
 * The same session once more through a redactor: rules may have been added since it was mirrored. Pictures stay as
 * they are. `report` is told what was found.
 */
export function redactedSource(
  source: ExportSource,
  redactor: Redactor,
  report: (found: Readonly<Record<string, number>>) => void,
): ExportSource {
  function redacted<T>(value: T): T {
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    const { block, found } = redactor.redact(line);
    if (block === line) return value;
    report(found);
    return JSON.parse(Buffer.from(block).toString('utf8')) as T;
  }
  return {
    ...source,
    ...(source.line && { line: redacted(source.line) }),
    async *events(stream) {
      for await (const event of source.events(stream)) yield redacted(event);
    },
  };
}
