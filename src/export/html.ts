import type { RecordEvent } from '../trajectory/events.ts';
import type { ExportSource } from './source.ts';
import { type Block, blockOf } from './text.ts';

/** No script, no request, whatever stands in the text: a browser holds to it even where an escape were missed. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const style = `
:root{color-scheme:light dark;--line:#d0d7de;--dim:#59636e;--back:#f6f8fa;--user:#0969da;--fail:#cf222e;--think:#8250df}
@media(prefers-color-scheme:dark){:root{--line:#3d444d;--dim:#9198a1;--back:#151b23;--user:#4493f8;--fail:#f85149;--think:#ab7df8}}
*{box-sizing:border-box}
body{margin:0;font:15px/1.5 system-ui,sans-serif;display:grid;grid-template-columns:minmax(0,17rem) minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;border-right:1px solid var(--line);font-size:13px}
nav a{display:block;padding:.2rem 0;color:inherit;text-decoration:none;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
nav a:hover{color:var(--user)}
main{padding:1rem 1.5rem 4rem;max-width:64rem}
h1{font-size:1.3rem;overflow-wrap:anywhere}
h2{font-size:1rem;color:var(--dim);border-bottom:1px solid var(--line);padding-bottom:.3rem;margin-top:2.5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;font-size:13px;color:var(--dim)}
dd{margin:0;overflow-wrap:anywhere}
article,details{margin:.7rem 0;padding:.1rem 0 .1rem .9rem;border-left:3px solid var(--line)}
article.user{border-color:var(--user)}article.error,.failed{border-color:var(--fail)}.thinking{border-color:var(--think)}
header,summary{color:var(--dim);font-size:12.5px}
summary{cursor:pointer;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
summary b,header b{color:CanvasText}
time{float:right;padding-left:1rem}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.2rem 0}
pre{background:var(--back);border:1px solid var(--line);border-radius:6px;padding:.6rem;overflow:auto;max-height:32rem;font:12.5px/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
@media(max-width:50rem){body{grid-template-columns:minmax(0,1fr)}nav{display:none}}
`;

/** Long content is folded away; what is longer than this is cut, and says so. */
const longestShown = 200_000;

/** A session as one page that needs nothing else and runs nothing. */
export async function* writeHtml(source: ExportSource): AsyncGenerator<string> {
  const title = source.line?.title ?? `${source.harness} ${source.session}`;
  // The list of prompts stands first and is known last: the page is put together at the end.
  const prompts: string[] = [];
  const pieces: string[] = [];
  const facts = new Map<string, string>([
    ['session', `${source.harness}/${source.session}`],
    ...(source.line?.repository === undefined ? [] : ([['repository', source.line.repository]] as const)),
    ...(source.line?.host === undefined ? [] : ([['host', source.line.host]] as const)),
  ]);
  let events = 0;
  for (const [i, stream] of source.streams.entries()) {
    if (i > 0) {
      pieces.push(`<h2 id="${anchor(stream, undefined)}">${escaped(stream)}</h2>\n`);
      prompts.push(`<a href="#${anchor(stream, undefined)}">${escaped(stream)}</a>\n`);
    }
    for await (const event of source.events(stream)) {
      events++;
      if (event.kind === 'session_start' && i === 0) {
        for (const name of ['cwd', 'branch', 'commit', 'agentVersion'] as const) {
          const value = event[name];
          if (value !== undefined) facts.set(name, value);
        }
      }
      if (event.time !== undefined && !facts.has('started')) facts.set('started', event.time);
      const block = blockOf(event);
      if (block === undefined) continue;
      const id = anchor(stream, event.seq);
      if (event.kind === 'message' && event.prompt && i === 0) {
        prompts.push(`<a href="#${id}">${event.turn}. ${escaped((block.text ?? '').slice(0, 80))}</a>\n`);
      }
      pieces.push(blockHtml(event, block, id));
    }
  }
  facts.set('events', String(events));
  yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">\n`;
  yield `<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n<title>${escaped(title)}</title>\n`;
  yield `<link rel="icon" href="data:,">\n<style>${style}</style>\n</head>\n<body>\n<nav>\n`;
  yield* prompts;
  yield `</nav>\n<main>\n<h1>${escaped(title)}</h1>\n<dl>\n`;
  for (const [name, value] of facts) yield `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>\n`;
  yield '</dl>\n';
  yield* pieces;
  yield '</main>\n</body>\n</html>\n';
}

function blockHtml(event: RecordEvent, block: Block, id: string): string {
  const time = event.time === undefined ? '' : `<time>${escaped(event.time.replace('T', ' ').slice(0, 19))}</time>`;
  const content = block.code ?? block.text ?? '';
  const shown = content.length > longestShown ? content.slice(0, longestShown) : content;
  const cut = content.length > longestShown ? `<p>… ${content.length - longestShown} more characters</p>` : '';
  const body =
    shown === ''
      ? ''
      : block.code === undefined
        ? `<div class="text">${escaped(shown)}</div>`
        : `<pre>${escaped(shown)}</pre>`;
  const failed = event.kind === 'tool_result' && event.error ? ' failed' : '';
  if (block.kind === 'user' || block.kind === 'assistant' || block.kind === 'error') {
    return `<article id="${id}" class="${block.kind}"><header>${time}<b>${escaped(block.heading)}</b></header>${body}${cut}</article>\n`;
  }
  const hint = escaped(content.slice(0, 140).replace(/\s+/g, ' '));
  const open = failed === '' ? '' : ' open';
  return `<details id="${id}" class="${block.kind}${failed}"${open}><summary>${time}<b>${escaped(block.heading)}</b> ${hint}</summary>${body}${cut}</details>\n`;
}

/** Of a stream or an event in it; a name from outside is made of letters that mean nothing in a page. */
function anchor(stream: string, seq: number | undefined): string {
  return `${stream.replace(/[^A-Za-z0-9-]/g, '_')}${seq === undefined ? '' : `-${seq}`}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is only text, and in the order in which it is stored: controls and marks of direction are made visible. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => entities[character] ?? '')
    .replace(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\p{Surrogate}]/gu,
      (character) => {
        return character === '\r' ? '' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
      },
    );
}
