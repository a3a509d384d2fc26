import type { Random } from './random.ts';
import { secret, type Texts } from './text.ts';

/** One synthetic claude-code session: an endless sequence of records with the mix that real ones have. */
export class Session {
  readonly id: string;
  readonly #random: Random;
  readonly #texts: Texts;
  readonly #cwd: string;
  #time = Date.UTC(2026, 10, 1);
  #parent: string | null = null;

  constructor(random: Random, texts: Texts, cwd: string) {
    this.id = random.uuid();
    this.#random = random;
    this.#texts = texts;
    this.#cwd = cwd;
  }

  /** A prompt and what the agent does with it, as lines. */
  turn(): string[] {
    const { prose } = this.#texts;
    const lines = [this.#record('user', { message: { role: 'user', content: this.#random.pick(prose) } })];
    for (let call = this.#random.between(1, 8); call > 0; call--) lines.push(...this.#toolCall());
    lines.push(this.#assistant({ type: 'text', text: this.#random.pick(prose) }));
    lines.push(JSON.stringify({ type: 'last-prompt', lastPrompt: this.#random.pick(prose), sessionId: this.id }));
    return lines;
  }

  #toolCall(): string[] {
    const random = this.#random;
    const id = `toolu_${random.uuid()}`;
    const input = { command: random.pick(this.#texts.prose), description: 'Run it' };
    const thought = {
      type: 'thinking',
      thinking: random.pick(this.#texts.prose),
      signature: random.pick(this.#texts.images).slice(0, 400),
    };
    const call = { type: 'tool_use', id, name: 'Bash', input };
    return [...(random.chance(0.3) ? [this.#assistant(thought)] : []), this.#assistant(call), this.#result(id)];
  }

  /** The output stands in the record twice, as claude-code writes it. */
  #result(tool_use_id: string): string {
    const random = this.#random;
    if (random.chance(0.01)) {
      const source = { type: 'base64', media_type: 'image/png', data: random.pick(this.#texts.images) };
      const content = [{ tool_use_id, type: 'tool_result', content: [{ type: 'image', source }] }];
      return this.#record('user', {
        message: { role: 'user', content },
        toolUseResult: { type: 'image', file: source },
      });
    }
    const planted = random.chance(0.005) ? `\n${secret(random)}` : '';
    const stdout = random.pick(this.#texts.output) + planted;
    const content = [{ tool_use_id, type: 'tool_result', content: stdout, is_error: false }];
    return this.#record('user', {
      message: { role: 'user', content },
      toolUseResult: { stdout, stderr: '', interrupted: false },
    });
  }

  #assistant(block: object): string {
    const usage = { input_tokens: this.#random.between(1, 900), output_tokens: this.#random.between(1, 900) };
    const message = { id: `msg_${this.#random.uuid()}`, type: 'message', role: 'assistant', model: 'claude-opus-4-5' };
    return this.#record('assistant', {
      message: { ...message, content: [block], usage },
      requestId: `req_${this.#random.uuid()}`,
    });
  }

  #record(type: string, fields: object): string {
    const uuid = this.#random.uuid();
    const parentUuid = this.#parent;
    this.#parent = uuid;
    this.#time += this.#random.between(50, 20_000);
    const surroundings = {
      isSidechain: false,
      userType: 'external',
      cwd: this.#cwd,
      sessionId: this.id,
      version: '2.1.329',
    };
    const timestamp = new Date(this.#time).toISOString();
    return JSON.stringify({ parentUuid, ...surroundings, gitBranch: 'main', type, ...fields, uuid, timestamp });
  }
}
