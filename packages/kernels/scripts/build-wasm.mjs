// Compiles assembly/ to two WebAssembly files, plain SIMD and relaxed SIMD, and writes them as base64 to
// generated/wasm.ts: a few kB each, so they need no file of their own, no fetch and no bundler setting.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

async function compile(name, features) {
  // Compiled for shared memory. Where there is none, the loader clears one bit of the import (see src/engine.ts).
  const flags = ['-O3', '--converge', '--runtime', 'stub', '--noAssert', '--importMemory', '--sharedMemory'];
  // Constants lie where callers keep nothing: below 1,024, and beyond the few words that they may use at the start.
  const limits = ['--memoryBase', '128', '--initialMemory', '1', '--maximumMemory', '65536'];
  const enable = ['simd', 'threads', ...features].flatMap((feature) => ['--enable', feature]);
  const output = [];
  const { error, stdout, stderr } = await asc.main(
    ['assembly/index.ts', '--outFile', `${name}.wasm`, ...flags, ...limits, ...enable],
    { writeFile: (file, contents) => void output.push([file, contents]), baseDir: root },
  );
  if (error) {
    console.error(stdout.toString(), stderr.toString());
    throw error;
  }
  const binary = output.find(([file]) => file === `${name}.wasm`)?.[1];
  if (!binary) throw new Error(`asc wrote no ${name}.wasm`);
  console.log(`${name}: ${binary.length} bytes`);
  return Buffer.from(binary).toString('base64');
}

const plain = await compile('plain', []);
const relaxed = await compile('relaxed', ['relaxed-simd']);
mkdirSync(resolve(root, 'generated'), { recursive: true });
writeFileSync(
  resolve(root, 'generated/wasm.ts'),
  `// Written by scripts/build-wasm.mjs.\nexport const PLAIN: string =\n  '${plain}';\nexport const RELAXED: string =\n  '${relaxed}';\n`,
);
