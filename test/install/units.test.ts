import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { launchdPath, launchdPlist } from '../../src/install/launchd.ts';
import type { ServiceUnit } from '../../src/install/service-unit.ts';
import { systemdPath, systemdUnit } from '../../src/install/systemd.ts';
import { windowsTask } from '../../src/install/windows-task.ts';

const unit = (...words: string[]): ServiceUnit => ({
  name: 'cairn-mirror-1',
  description: 'Cairn mirrors sessions to s3://a?b=%2F&c, project <p>',
  command: ['/opt/node', ...words],
  environment: { AWS_PROFILE: 'a "b" $c %d' },
});
/** What a command line can hold: no NUL, and no control characters but for white space. */
const word = fc.string({ unit: 'grapheme' }).filter((text) => !/[\u0000-\u001f\u007f]/.test(text));

describe('systemd', () => {
  it('stands where a user manager looks', () => {
    expect(systemdPath(unit(), '/home/u/.config')).toBe('/home/u/.config/systemd/user/cairn-mirror-1.service');
  });

  it('every word of the command comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const lines = systemdUnit(unit(...words)).split('\n');
        const line = lines.find((one) => one.startsWith('ExecStart='))?.slice('ExecStart='.length) ?? '';
        expect(systemdWords(line)).toEqual(['/opt/node', ...words]);
      }),
    );
  });

  it('is restarted, and a stop that shipped the rest is no failure', () => {
    const text = systemdUnit(unit());
    expect(text).toContain('Restart=always\n');
    expect(text).toContain('SuccessExitStatus=143\n');
    expect(text).toContain('Environment="AWS_PROFILE=a \\"b\\" $c %%d"\n');
  });
});

describe('launchd', () => {
  it('stands where launchd looks', () => {
    expect(launchdPath(unit(), '/Users/u')).toBe('/Users/u/Library/LaunchAgents/dev.cairn-mirror-1.plist');
  });

  it('every word of the command comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const [, list = ''] = /<array>\n([\s\S]*?)\n? {2}<\/array>/.exec(launchdPlist(unit(...words))) ?? [];
        const strings = [...list.matchAll(/<string>([\s\S]*?)<\/string>/g)].map(([, text = '']) => fromXml(text));
        expect(strings).toEqual(['/opt/node', ...words]);
      }),
    );
  });
});

describe('Windows', () => {
  it('every word of the command comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const task = windowsTask(unit(...words));
        const line = fromXml(/<Arguments>([\s\S]*?)<\/Arguments>/.exec(task)?.[1] ?? '');
        expect(windowsWords(line)).toEqual(words);
      }),
    );
    expect(windowsTask(unit())).toContain('<Command>/opt/node</Command>');
  });
});

/** Words of a command line by the rules of systemd.syntax(7) and systemd.service(5), all of them quoted. */
function systemdWords(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, quoted = '']) =>
    quoted.replace(/\\(.)/g, '$1').replaceAll('%%', '%').replaceAll('$$', '$'),
  );
}

function fromXml(text: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replace(/&(\w+);/g, (_, name: string) => entities[name] ?? '?');
}

/** As `CommandLineToArgvW` takes the arguments apart. */
function windowsWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (let at = 0; at < line.length; ) {
    const slashes = /^\\*/.exec(line.slice(at))?.[0].length ?? 0;
    if (slashes > 0) {
      const quote = line[at + slashes] === '"';
      word = (word ?? '') + '\\'.repeat(quote ? Math.floor(slashes / 2) : slashes);
      at += slashes;
      if (quote && slashes % 2 === 1) {
        word += '"';
        at++;
      }
      continue;
    }
    const character = line[at++] ?? '';
    if (character === '"') {
      quoted = !quoted;
      word ??= '';
    } else if (/\s/.test(character) && !quoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  return word === undefined ? words : [...words, word];
}
