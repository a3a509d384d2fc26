import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { machine } from '../machine.ts';
import { type ClaimFigures, measureClaims } from './claims.ts';
import { type MessageFigures, measureMessages } from './messages.ts';
import { directoryPlace, type Place, quantile, rgwPlace } from './place.ts';
import { measureTakeover, type TakeoverFigures } from './takeover.ts';

const { values: options } = parseArgs({
  options: {
    /** Claimants at once; may be given more than once. */
    claimants: { type: 'string', multiple: true, default: ['2', '8', '32', '50', '100', '200'] },
    rounds: { type: 'string', default: '20' },
    messages: { type: 'string', default: '1000' },
    deliveries: { type: 'string', default: '30' },
    /** Only this bucket: directory or rgw. */
    place: { type: 'string', multiple: true },
    /** Leave docs/benchmarks.md as it is. */
    'print-only': { type: 'boolean', default: false },
  },
});

const places = { directory: directoryPlace, rgw: rgwPlace };
const text: string[] = [];
for (const [name, open] of Object.entries(places)) {
  if (options.place?.includes(name) === false) continue;
  const place = await open();
  try {
    text.push(...(await measure(place)));
  } finally {
    await place.close();
  }
}
const command = [
  'npm run bench:coordination',
  ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : []),
].join(' ');
const page = [`\`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${await machine()}.`, '', ...text].join(
  '\n',
);
console.log(page);
if (!options['print-only']) await insert('docs/benchmarks.md', page);
process.exit();

async function measure(place: Place): Promise<string[]> {
  const claims: ClaimFigures[] = [];
  for (const n of options.claimants) {
    claims.push(...(await measureClaims(place, Number(n), Number(options.rounds))));
    console.error(`${place.name}: ${n} claimants`);
  }
  const messages = await measureMessages(place, Number(options.messages), Number(options.deliveries));
  const takeover = await measureTakeover(place);
  return [`### ${place.name}`, '', place.remark, '', ...claimTable(claims), '', ...sentences(messages, takeover), ''];
}

function claimTable(claims: readonly ClaimFigures[]): string[] {
  const ms = (values: readonly number[]) =>
    values.length === 0 ? '' : `${quantile(values, 0.5).toFixed(1)} / ${quantile(values, 0.95).toFixed(1)}`;
  return [
    '| claimants | way | winner p50 / p95, ms | loser p50 / p95, ms | requests of a winner | rounds without exactly one winner | orphans |',
    '|---|---|---|---|---|---|---|',
    ...claims.map(
      ({ claimants, way, winner, loser, requests, wrong, orphans }) =>
        `| ${claimants} | ${way} | ${ms(winner)} | ${ms(loser)} | ${requests} | ${wrong} of ${options.rounds} | ${orphans} |`,
    ),
  ];
}

function sentences(messages: MessageFigures, takeover: TakeoverFigures): string[] {
  const { perSecond, plainPerSecond, delivery, look } = messages;
  const counts = look.map(
    ({ read, requests, first, reference }) =>
      `${read} read before: ${requests}, in a new process ${first} (LIST and GET of all: ${reference})`,
  );
  return [
    `- One sender: ${perSecond.toFixed(0)} messages/s, one after the other; a plain write of the same size: ${plainPerSecond.toFixed(0)}/s.`,
    `- Delivery to a waiting reader: p50 ${quantile(delivery, 0.5).toFixed(0)} ms, p99 ${quantile(delivery, 0.99).toFixed(0)} ms (${delivery.length} messages).`,
    `- Requests of one look at the two channels of an agent, nothing new: ${counts.join('; ')}.`,
    `- Takeover: ${takeover.killed.toFixed(0)} ms after SIGKILL on the same host, ${takeover.frozen.toFixed(0)} ms after SIGSTOP with a time to live of ${takeover.ttlMs} ms; the woken holder's completion: ${takeover.zombie}.`,
  ];
}

/** Replaces what stands between the two markers of the page. */
async function insert(file: string, figures: string): Promise<void> {
  const [start, end] = ['<!-- coordination -->', '<!-- /coordination -->'];
  const [before, rest] = (await readFile(file, 'utf8')).split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`expected ${start} and ${end} in ${file}`);
  await writeFile(file, `${before}${start}\n${figures}\n${end}${after}`);
}
