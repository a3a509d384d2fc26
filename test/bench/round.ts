import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Corpus } from './corpus.ts';
import { measure } from './measure.ts';
import { startRgw } from './rgw.ts';
import type { Job, Tool } from './tools.ts';

export const steps = ['first copy', 'nothing new', 'one record more'] as const;
export type Step = (typeof steps)[number];

export interface Sample {
  readonly corpus: string;
  readonly step: Step;
  readonly tool: string;
  readonly target: Tool['target'];
  readonly seconds: number;
  /** Of all processors together, the kernel's work for it included. */
  readonly cpuSeconds: number;
  readonly peakRss: number;
  /** By the server's access log; for a directory by the tool's own count. */
  readonly requests: number | undefined;
}

/** Every tool in turn on one corpus and one server. */
export async function round(corpus: Corpus, tools: readonly Tool[], folder: string): Promise<Sample[]> {
  const rgw = tools.some(({ target }) => target === 'rgw') ? await startRgw() : undefined;
  try {
    const samples: Sample[] = [];
    for (const [index, tool] of tools.entries()) {
      const job = { corpus, rgw, folder: join(folder, `${index}`) };
      await mkdir(job.folder, { recursive: true });
      for (const step of steps) samples.push(await sample(tool, job, step));
      await rm(job.folder, { recursive: true });
    }
    return samples;
  } finally {
    await rgw?.stop();
  }
}

async function sample(tool: Tool, job: Job, step: Step): Promise<Sample> {
  if (step === 'one record more') await job.corpus.append();
  const before = tool.target === 'rgw' ? await job.rgw?.requests() : undefined;
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', ...tool.environment(job) };
  const measured = await measure(tool.command(job), { cwd: job.folder, env });
  const served = before === undefined ? undefined : ((await job.rgw?.requests()) ?? 0) - before;
  const requests = served ?? tool.counted?.(measured);
  const { seconds, cpuSeconds, peakRss } = measured;
  return {
    corpus: job.corpus.name,
    step,
    tool: tool.name,
    target: tool.target,
    seconds,
    cpuSeconds,
    peakRss,
    requests,
  };
}
