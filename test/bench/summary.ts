import { table } from '../table.ts';
import type { Corpus } from './corpus.ts';
import type { Sample } from './round.ts';

/** Medians over the rounds, one row for each corpus, step, target and tool; ratios against `rclone copy` there. */
export function summarise(samples: readonly Sample[], corpora: readonly Corpus[]): string {
  const cell = ({ corpus, step, target, tool }: Sample) => [corpus, step, target, tool].join('\t');
  const cells = [...new Set(samples.map(cell))];
  const medians = cells.map((name) => middle(samples.filter((sample) => cell(sample) === name)));
  const rows = medians.map((sample) => {
    const { corpus, step, target, tool, seconds, peakRss, requests, cpuSeconds } = sample;
    const peer = medians.find((other) => isPeer(other, sample));
    const bytes = corpora.find(({ name }) => name === corpus)?.bytes ?? 0;
    return [
      ...[corpus, step, target, tool, seconds.toFixed(2)],
      step === 'first copy' ? (bytes / seconds / 1e6).toFixed(0) : '',
      cpuSeconds.toFixed(2),
      (peakRss / 2 ** 20).toFixed(0),
      requests ?? '',
      peer ? (seconds / peer.seconds).toFixed(2) : '',
    ];
  });
  return table(['corpus', 'step', 'to', 'tool', 's', 'MB/s', 'CPU s', 'peak MiB', 'requests', 'time / rclone'], rows);
}

function isPeer(other: Sample, { corpus, step, target }: Sample): boolean {
  return other.tool === 'rclone copy' && other.corpus === corpus && other.step === step && other.target === target;
}

/** The sample with the median time. */
function middle(samples: readonly Sample[]): Sample {
  const sorted = samples.toSorted((a, b) => a.seconds - b.seconds);
  return sorted[Math.floor(sorted.length / 2)] as Sample;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
