import type { Tokens } from './events.ts';

/** US dollars for a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Of what is kept for an hour; default as `cacheWrite`. */
  readonly cacheWrite1h?: number;
  /** ISO date from which it holds; default always. */
  readonly from?: string;
  /** What a request with a longer prompt costs instead, in all its tokens. */
  readonly long?: { readonly above: number; readonly times: number };
}

/** Prices by model: a name as providers give it, or its beginning and `*`. A later `from` comes later in the list. */
export type Prices = Readonly<Record<string, readonly Price[]>>;

/** The day on which the table below was compared with the providers' price lists. */
export const pricesOf = '2026-11-21';

/** Anthropic: writing to the cache costs 1.25 times the input, for an hour twice; reading as given. */
function claude(input: number, output: number, read = 0.1, from?: string): Price {
  const price = { input, output, cacheRead: input * read, cacheWrite: input * 1.25, cacheWrite1h: input * 2 };
  return from === undefined ? price : { ...price, from };
}

/** OpenAI: what is read from the cache costs a tenth; writing to it as any input. */
function openai(input: number, output: number): Price {
  return { input, output, cacheRead: input / 10, cacheWrite: input };
}

/** List prices without discounts. A model that is not here has no price. */
export const listPrices: Prices = {
  'claude-fable-5-1': [claude(10, 50, 0.025)],
  'claude-fable-5': [claude(10, 50)],
  'claude-opus-5-5': [claude(4, 20, 0.05)],
  'claude-opus-5': [claude(5, 25)],
  'claude-opus-4-8': [claude(5, 25)],
  'claude-opus-4-7': [claude(5, 25)],
  'claude-opus-4-6': [claude(5, 25)],
  'claude-opus-4-5': [claude(5, 25)],
  'claude-opus-4-1': [claude(15, 75)],
  'claude-opus-4': [claude(15, 75)],
  'claude-opus-4-0': [claude(15, 75)],
  'claude-sonnet-5-5': [claude(2, 10), claude(2, 10, 0.05, '2026-10-07')],
  'claude-sonnet-5': [claude(2, 10)],
  'claude-sonnet-4-6': [claude(3, 15)],
  'claude-sonnet-4-5': [claude(3, 15)],
  'claude-sonnet-4': [claude(3, 15)],
  'claude-sonnet-4-0': [claude(3, 15)],
  'claude-3-7-sonnet': [claude(3, 15)],
  'claude-3-5-sonnet': [claude(3, 15)],
  'claude-haiku-5-5': [{ ...claude(0.1, 0.5), long: { above: 100_000, times: 5 } }],
  'claude-haiku-4-5': [claude(1, 5)],
  'claude-3-5-haiku': [claude(0.8, 4)],
  'gpt-5.5-pro': [{ input: 30, output: 180, cacheRead: 30, cacheWrite: 30 }],
  'gpt-5.5': [openai(5, 30)],
  'gpt-5.4': [openai(2.5, 15)],
  'gpt-5.4-mini': [openai(0.75, 4.5)],
  'gpt-5.4-nano': [openai(0.2, 1.25)],
  'gpt-5.3-codex': [openai(1.75, 14)],
  'gpt-5.2': [openai(1.75, 14)],
  'gpt-5.2-codex': [openai(1.75, 14)],
  'gpt-5.1': [openai(1.25, 10)],
  'gpt-5.1-codex': [openai(1.25, 10)],
  'gpt-5.1-codex-max': [openai(1.25, 10)],
  'gpt-5': [openai(1.25, 10)],
  'gpt-5-codex': [openai(1.25, 10)],
};

/** What may stand behind a model's name without making it another: a date, `latest`, a context size, a revision. */
const sameModel = /^(?:[-@]\d{4}-?\d\d-?\d\d|-latest|\[1m\]|-v\d+(?::\d+)?)*$/;

/** The price of a model at a time: of the longest name that is its own. Nothing for one that is not known. */
export function priceOf(prices: Prices, model: string, time?: string): Price | undefined {
  // Gateways put themselves and the provider before the name.
  const name = model.slice(model.lastIndexOf('/') + 1).replace(/^(?:[a-z]+\.)*anthropic\./, '');
  const longest = Object.keys(prices)
    .filter((key) => (key.endsWith('*') ? name.startsWith(key.slice(0, -1)) : isModel(name, key)))
    .sort((a, b) => b.length - a.length)[0];
  const dated = longest === undefined ? undefined : prices[longest];
  return dated?.findLast(({ from }) => from === undefined || time === undefined || from <= time);
}

function isModel(name: string, key: string): boolean {
  return name.startsWith(key) && sameModel.test(name.slice(key.length));
}

/** US dollars of one request. */
export function costOf(price: Price, tokens: Tokens): number {
  const { input, cacheRead, cacheWrite, cacheWrite1h = 0, output } = tokens;
  const long = price.long !== undefined && input + cacheRead + cacheWrite > price.long.above;
  const sum =
    input * price.input +
    cacheRead * price.cacheRead +
    (cacheWrite - cacheWrite1h) * price.cacheWrite +
    cacheWrite1h * (price.cacheWrite1h ?? price.cacheWrite) +
    output * price.output;
  return (sum * (long ? (price.long?.times ?? 1) : 1)) / 1e6;
}
