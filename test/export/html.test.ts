import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { writeHtml } from '../../src/export/html.ts';
import type { EventBody } from '../../src/trajectory/events.ts';
import { temporaryFolder } from '../mirror/rig.ts';
import { answer, eventsOf, prompt, sourceOf, whole } from './source.ts';

const chromium = process.env.CAIRN_CHROMIUM ?? '/usr/bin/chromium';

/** What would run or load something in a page that took it for more than text. */
const hostile = [
  '<script>window.taken = true</script>',
  '</pre></details></main><script>window.taken = true</script>',
  '"><img src=x onerror="window.taken = true">',
  "' onmouseover='window.taken = true' x='",
  '</style><script src="https://example.com/x.js"></script>',
  '<iframe src="https://example.com/"></iframe><svg onload="window.taken = true">',
  '<meta http-equiv="refresh" content="0;url=https://example.com/">',
  '<base href="https://example.com/"><link rel=stylesheet href=//example.com/a.css>',
  '<a href="javascript:window.taken = true">x</a> ![x](https://example.com/x.png)',
  '&lt;b&gt; &#60;script&#62; \u202e reversed \u0007 \u0000 \ud800',
];

function pageOf(text: string): Promise<string> {
  const bodies: (EventBody & { readonly time?: string })[] = [
    { kind: 'session_start', cwd: text, branch: text, agentVersion: text },
    { ...prompt(text), time: text },
    { kind: 'thinking', text },
    answer(text),
    { kind: 'tool_call', callId: text, tool: text, input: { [text]: text } },
    { kind: 'tool_result', callId: text, tool: text, output: [{ type: 'text', text }], error: true },
    { kind: 'subagent_spawn', agent: text, agentType: text, description: text },
    { kind: 'attachment', type: text, content: text },
    { kind: 'error', message: text, code: text },
    { kind: 'model_change', model: text },
    { kind: 'unknown', reason: 'type', type: text, raw: { text } },
  ];
  return whole(writeHtml(sourceOf({ main: eventsOf('main', bodies), [text]: eventsOf(text, [prompt(text)]) }, text)));
}

describe('a page', () => {
  test('has no element that comes from the session', async () => {
    const plain = tagsOf(await pageOf('harmless'));
    for (const text of hostile) expect(tagsOf(await pageOf(text)), text).toEqual(plain);
  });

  test.skipIf(!existsSync(chromium))('runs nothing and loads nothing in Chromium', async () => {
    const { chromium: browsers } = await import('playwright-core');
    const folder = await temporaryFolder();
    const browser = await browsers.launch({
      executablePath: chromium,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    try {
      const page = await browser.newPage();
      const [messages, requests]: [string[], string[]] = [[], []];
      page.on('console', (message) => messages.push(message.text()));
      page.on('pageerror', (error) => messages.push(error.message));
      page.on('dialog', (dialog) => messages.push(dialog.message()));
      page.on('request', (request) => requests.push(request.url()));
      for (const [i, text] of hostile.entries()) {
        const path = join(folder, `${i}.html`);
        await writeFile(path, await pageOf(text));
        const url = pathToFileURL(path).href;
        await page.goto(url);
        expect(
          await page.evaluate('document.querySelectorAll("script, iframe, img, svg, base, [onload]").length'),
        ).toBe(0);
        expect(await page.evaluate('window.taken')).toBeUndefined();
        const shown = text.replace(
          /[\u0000-\u001f\u202e\ud800]/g,
          (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
        expect(await page.locator('article.user .text').first().textContent()).toBe(shown);
        expect(page.url()).toBe(url);
        expect(requests.splice(0).filter((request) => request !== url && request !== 'data:,')).toEqual([]);
      }
      expect(messages).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

/** Every tag of a page in order, without values of attributes: text cannot add one. */
function tagsOf(html: string): string[] {
  return [...html.replace(/<style>.*?<\/style>/s, '').matchAll(/<[^>]*>/g)].map(([tag]) =>
    tag.replace(/"[^"]*"/g, '""'),
  );
}
