// Copies what is needed of ONNX Runtime into dist/onnxruntime/, under names that every static host serves with the right
// type (.js, .wasm). The bundles hold their glue code, so that each needs only its own .wasm file.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const source = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
const target = new URL('../dist/onnxruntime/', import.meta.url);

const FILES = [
  ['ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.wasm', 'ort'],
  ['ort.webgpu.bundle.min.mjs', 'ort-wasm-simd-threaded.asyncify.wasm', 'ort.webgpu'],
  ['ort.jspi.bundle.min.mjs', 'ort-wasm-simd-threaded.jspi.wasm', 'ort.jspi'],
];

await mkdir(target, { recursive: true });
for (const [module, wasm, name] of FILES) {
  const code = await readFile(join(source, module), 'utf8');
  await writeFile(new URL(`${name}.js`, target), code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));
  await copyFile(join(source, wasm), new URL(`${name}.wasm`, target));
}
