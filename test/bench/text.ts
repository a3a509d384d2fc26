import type { Random } from './random.ts';

const words =
  'the of to and a in is it that for on with as this be at not are from by or an if we can file test error value ' +
  'return function request response state session record object string number async await import export const ' +
  'config build server client bucket index cursor offset stream writer reader retry timeout schema migration branch ' +
  'commit change version module package path folder check failed passed because instead should would first second';
const vocabulary = words.split(' ');
const paths = [
  'src/server/router.ts',
  'src/store/cache.ts',
  'lib/parse.py',
  'internal/queue/worker.go',
  'test/api.test.ts',
];
const hex = '0123456789abcdef';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Ready-made texts of each kind: records draw from them, so that the generator is faster than what it feeds. */
export interface Texts {
  readonly prose: readonly string[];
  readonly output: readonly string[];
  readonly images: readonly string[];
}

export function texts(random: Random): Texts {
  const many = (count: number, make: () => string) => Array.from({ length: count }, make);
  return {
    prose: many(400, () => prose(random, random.between(8, 120))),
    output: many(800, () => (random.chance(0.5) ? code : log)(random, random.between(3, 60))),
    images: many(20, () => random.word(base64, 4 * random.between(500, 8000))),
  };
}

/** Common words come often, as in any language: the square leans to the front of the list. */
function prose(random: Random, count: number): string {
  const one = () => vocabulary[Math.floor(random.next() ** 2 * vocabulary.length)];
  return `${Array.from({ length: count }, one).join(' ')}.`;
}

function code(random: Random, lines: number): string {
  const line = (_: unknown, at: number) => {
    const [a, b, c] = [random.pick(vocabulary), random.pick(vocabulary), random.pick(vocabulary)];
    const indent = '  '.repeat(random.between(0, 4));
    return `${at + 1}\t${indent}const ${a}${at} = await ${b}.${c}(${random.between(0, 4096)}, '${a}'); // ${prose(random, 4)}`;
  };
  return `${random.pick(paths)}\n${Array.from({ length: lines }, line).join('\n')}`;
}

function log(random: Random, lines: number): string {
  const line = () => {
    const time = `${random.between(10, 23)}:${random.between(10, 59)}:${random.between(10, 59)}.${random.between(100, 999)}`;
    const level = random.pick(['INFO', 'INFO', 'DEBUG', 'WARN', 'ERROR']);
    return `2026-11-20T${time}Z ${level} [${random.word(hex, 12)}] ${random.pick(paths)}:${random.between(1, 900)} ${prose(random, 9)}`;
  };
  return Array.from({ length: lines }, line).join('\n');
}

/** What a redactor must find: put together here, so that no source file holds anything that looks like a token. */
export function secret(random: Random): string {
  return random.pick([
    () => `GITHUB_TOKEN=${'gh'}${'p_'}${random.word(alphanumeric, 36)}`,
    () => `aws_access_key_id = ${'AK'}${'IA'}${random.word('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`,
    () => `Authorization: Bearer ${'sk-'}${'ant-'}api03-${random.word(alphanumeric, 93)}AA`,
  ])();
}
