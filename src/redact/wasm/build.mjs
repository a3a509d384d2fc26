/** Compiles this folder into the file that is given (`src/redact/engine-code.ts`): WebAssembly as text, so that it needs no file beside the program. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'cairn-wasm-'));
const binary = join(folder, 'engine.wasm');
const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js');
const options = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--use', 'abort='];
try {
  execFileSync(process.execPath, [compiler, 'src/redact/wasm/index.ts', '--outFile', binary, ...options], {
    cwd: root,
    stdio: 'inherit',
  });
  const code = deflateRawSync(readFileSync(binary), { level: 9 }).toString('base64');
  writeFileSync(
    process.argv[2],
    `/** WebAssembly, compressed (deflate), made of the folder \`wasm\` beside it by \`npm run wasm\`. */\nexport const engineCode =\n  '${code}';\n`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
