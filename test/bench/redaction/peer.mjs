/** JSONL on stdin; every string of it through another tool: node peer.mjs FOLDER NAME, FOLDER has its node_modules. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, name] = process.argv.slice(2);
const { resolve } = createRequire(join(folder, 'package.json'));
const load = (id) => import(pathToFileURL(resolve(id)).href);

const tools = {
  async secretlint() {
    const core = join(folder, 'node_modules/@secretlint/core/module/index.js');
    const preset = join(folder, 'node_modules/@secretlint/secretlint-rule-preset-recommend/module/index.js');
    const { lintSource } = await import(pathToFileURL(core).href);
    const { creator } = await import(pathToFileURL(preset).href);
    const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] };
    return async (text) => {
      const source = { content: text, filePath: 'a.txt', ext: '.txt', contentType: 'text' };
      const { messages } = await lintSource({ source, options: { config } });
      const ranges = messages.map(({ range }) => range).sort((a, b) => b[0] - a[0]);
      return ranges.reduce((rest, [from, to]) => `${rest.slice(0, from)}[REDACTED]${rest.slice(to)}`, text);
    };
  },
  async openredaction() {
    const { OpenRedaction } = await load('openredaction');
    const redaction = new OpenRedaction();
    return async (text) => (await redaction.detect(text)).redacted;
  },
  async 'redact-pii'() {
    const { SyncRedactor } = await load('redact-pii');
    const redactor = new SyncRedactor();
    return async (text) => redactor.redact(text);
  },
};

const redact = await tools[name]();
/** Strings handed over at once: a call of secretlint costs more the more there were before it. */
const batch = name === 'secretlint' ? 500 : 1;
const border = '\n\u0000\n';

function strings(value, found) {
  if (typeof value === 'string') found.push(value);
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) strings(inner, found);
}

function replaceStrings(value, next) {
  if (typeof value === 'string') return next();
  if (typeof value !== 'object' || value === null) return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const [key, inner] of Object.entries(value)) copy[key] = replaceStrings(inner, next);
  return copy;
}

async function write(values) {
  const found = [];
  for (const value of values) strings(value, found);
  const redacted = [];
  for (let i = 0; i < found.length; i += batch)
    redacted.push(...(await redact(found.slice(i, i + batch).join(border))).split(border));
  const all = redacted.values();
  for (const value of values)
    process.stdout.write(`${JSON.stringify(replaceStrings(value, () => all.next().value))}\n`);
}

let waiting = [];
for await (const line of createInterface({ input: process.stdin })) {
  waiting.push(JSON.parse(line));
  if (waiting.length < batch) continue;
  await write(waiting);
  waiting = [];
}
await write(waiting);
