import { tmpdir } from 'node:os';
import { measure } from './measure.ts';
import { median } from './summary.ts';
import { cairnCommand } from './tools.ts';

const runs = 21;

/** Milliseconds that `cairn --version` takes beside a Node that does nothing, in turn, as a sentence. */
export async function startup(): Promise<string> {
  const commands = { cairn: [...cairnCommand, '--version'], node: [process.execPath, '--eval', '0'] };
  const seconds: Record<keyof typeof commands, number[]> = { cairn: [], node: [] };
  const options = { cwd: tmpdir(), env: { PATH: process.env.PATH, HOME: tmpdir() } };
  for (let run = 0; run < runs; run++) {
    for (const name of ['cairn', 'node'] as const) seconds[name].push((await measure(commands[name], options)).seconds);
  }
  const [cairn, node] = [median(seconds.cairn) * 1000, median(seconds.node) * 1000];
  return `\`cairn --version\` takes ${cairn.toFixed(0)} ms, \`node --eval 0\` ${node.toFixed(0)} ms (median of ${runs}).`;
}
