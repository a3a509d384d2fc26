import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ConsentSources, openConsent } from '../../src/mirror/consent.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { counted } from './counted.ts';
import { mirror, temporaryFolder, testRuntime } from './rig.ts';

let home: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
};
const consent = (of: Partial<ConsentSources> = {}) => {
  const allows = openConsent({ env: {}, home, uid: process.getuid?.(), exclude: [], enabled: true, ...of })();
  return (cwd: string | undefined) => allows(cwd === undefined ? undefined : join(home, cwd));
};

beforeEach(async () => {
  home = await temporaryFolder();
});

describe('what may leave this host', () => {
  it('the nearest file that says so wins, and folders need not exist any more', async () => {
    write('shop/.cairn.toml', '[mirror]\nenabled = false\n');
    write('shop/open/.cairn.toml', '[mirror]\nenabled = true\n');
    write('shop/other/.cairn.toml', 'project = "other"\n');
    const allows = consent();
    expect(await Promise.all(['', 'shop', 'shop/gone/deep', 'shop/other', 'shop/open/x'].map(allows))).toEqual([
      ...[true, false, false, false, true],
    ]);
    expect(await allows(undefined)).toBe(true);
    const asked = consent({ enabled: false });
    expect(await Promise.all(['', 'shop/open', 'else'].map(asked))).toEqual([false, true, false]);
    expect(await asked(undefined)).toBe(false);
  });

  it('CAIRN_MIRROR beats every file, and what the user excludes a project cannot undo', async () => {
    write('a/.cairn.toml', '[mirror]\nenabled = false\n');
    write('secret/.cairn.toml', '[mirror]\nenabled = true\n');
    expect(await consent({ env: { CAIRN_MIRROR: 'on' } })('a')).toBe(true);
    expect(await consent({ env: { CAIRN_MIRROR: 'off' } })('b')).toBe(false);
    expect(() => consent({ env: { CAIRN_MIRROR: 'perhaps' } })).toThrow(/expected on or off/);
    const allows = consent({ exclude: ['~/secret', '~/work/*/private', '~/**/keys/'] });
    const folders = ['secret', 'secret/x', 'secrets', 'work/a/private/x', 'work/a/b/private', 'q/r/keys', 'q/keys2'];
    expect(await Promise.all(folders.map(allows))).toEqual([false, false, true, false, true, false, true]);
  });

  it('a file that cannot be understood keeps its sessions here, and is told of', async () => {
    write('broken/.cairn.toml', '[mirror]\nenabled = "no"\n');
    await expect(consent()('broken')).rejects.toThrow(/expected true or false at mirror.enabled/);
  });
});

describe('a session that is to stay', () => {
  const id = '11111111-2222-4333-8444-555555555555';

  it('nothing is written of it, not even that it is gone; and it is shipped once it may', async () => {
    const cwd = join(home, 'shop');
    const file = `home/.claude/projects/-shop/${id}.jsonl`;
    const line = (n: number) => `${JSON.stringify({ type: 'user', sessionId: id, cwd, n })}\n`;
    write(file, line(0));
    write('shop/.cairn.toml', '[mirror]\nenabled = false\n');
    const runtime = testRuntime('w', Date.now() + 3_600_000);
    const { store, calls } = counted(memoryStore(runtime));
    const open = openConsent({ env: {}, home, uid: process.getuid?.(), exclude: [], enabled: true });
    const run = async () => {
      const { harnesses } = await import('../../harnesses/index.ts');
      runtime.time += 61_000;
      return mirror({
        ...{ store, home: join(home, 'home'), stateFolder: join(home, 'state'), runtime },
        run: { scope: { harnesses, all: true, consent: open } },
      });
    };
    expect(await run()).toMatchObject([
      { event: 'found', sessions: 0, excluded: 1 },
      { event: 'done', sessions: 0 },
    ]);
    expect(calls).toEqual([]);
    rmSync(join(cwd, '.cairn.toml'));
    expect((await run()).map(({ event }) => event)).toContain('part');
    write('shop/.cairn.toml', '[mirror]\nenabled = false\n');
    appendFileSync(join(home, file), line(1));
    calls.length = 0;
    await run();
    rmSync(join(home, file));
    expect((await run()).map(({ event }) => event)).toEqual(['found', 'done']);
    expect(calls).toEqual([]);
  });

  it('the sessions that are gone are looked up in one pass, however many there are', async () => {
    const names = ['1', '2', '3'].map((n) => id.replaceAll('1', n));
    for (const name of names) {
      const cwd = join(home, 'shop');
      write(`home/.claude/projects/-shop/${name}.jsonl`, `${JSON.stringify({ type: 'user', sessionId: name, cwd })}\n`);
    }
    const runtime = testRuntime('w', Date.now() + 3_600_000);
    const store = memoryStore(runtime);
    let passes = 0;
    const run = async () => {
      const { harnesses } = await import('../../harnesses/index.ts');
      const consent = () => {
        passes++;
        return async () => true;
      };
      const events = await mirror({
        ...{ store, home: join(home, 'home'), stateFolder: join(home, 'state'), runtime },
        run: { scope: { harnesses, all: true, consent } },
      });
      return events.filter(({ event }) => event === 'gone').length;
    };
    expect(await run()).toBe(0);
    for (const name of names) rmSync(join(home, `home/.claude/projects/-shop/${name}.jsonl`));
    passes = 0;
    expect(await run()).toBe(3);
    expect(passes).toBe(2); // one before anything is shipped, one after
  });
});
