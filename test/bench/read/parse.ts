import { harnesses } from '../../../harnesses/index.ts';
import { linesOf } from '../../../src/harness/index.ts';
import { emptyCoverage, Sequence } from '../../../src/trajectory/sequence.ts';
import { Random } from '../random.ts';
import { Session } from '../session.ts';
import { texts } from '../text.ts';

export interface Parsed {
  /** MB of records a second of processor time. */
  readonly rate: number;
  /** The same for parsing their JSON alone: what no reader can beat. */
  readonly json: number;
  readonly records: number;
  readonly events: number;
}

/** Whole records of a synthetic claude-code session, `bytes` at least. */
export function transcript(bytes: number): Buffer {
  const random = new Random(1);
  const session = new Session(random, texts(random), '/home/dev/project');
  const turns: Buffer[] = [];
  for (let size = 0; size < bytes; ) {
    const turn = Buffer.from(`${session.turn().join('\n')}\n`);
    turns.push(turn);
    size += turn.length;
  }
  return Buffer.concat(turns);
}

/** Makes events of a transcript, on one core; the best of `rounds`. */
export function parse(transcript: Buffer, rounds: number): Parsed {
  const claudeCode = harnesses.find(({ name }) => name === 'claude-code');
  if (!claudeCode?.projector) throw new Error('claude-code makes no events');
  const coverage = emptyCoverage();
  let [rate, json] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    json = Math.max(
      json,
      speed(transcript, () => {
        for (const line of linesOf(transcript)) JSON.parse(line.toString());
      }),
    );
    Object.assign(coverage, emptyCoverage());
    const sequence = new Sequence(claudeCode.projector('main'), { coverage });
    rate = Math.max(
      rate,
      speed(transcript, () => {
        let record = 0;
        for (const line of linesOf(transcript)) sequence.events(line, { stream: 'main', epoch: 0, record: record++ });
      }),
    );
  }
  return { rate, json, records: coverage.records, events: coverage.events };
}

function speed(transcript: Buffer, work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return transcript.length / (user + system);
}
