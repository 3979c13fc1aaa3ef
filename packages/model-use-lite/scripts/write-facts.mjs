// Writes src/facts.ts: sizes and checksums of generated/, and reference vectors from the original graph in TensorFlow.js.
// Run it by hand when the conversion changes: node scripts/build-model.mjs && node scripts/write-facts.mjs
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { loadTensorFlow } from './tensorflow.mjs';
import { DIMENSIONS, MAX_TOKENS } from './use-lite-graph.mjs';

const TEXTS = [
  'How do I renew my passport?',
  'The quick brown fox jumps over the lazy dog.',
  'A crash-safe journal writes every record twice: once to the log, once to the checkpoint.',
  'naïve café, 東京タワー and Привет мир — 3.14159 € [UNK] C++',
  'Photosynthesis converts light into chemical energy, which plants store as sugar.',
  'interest rates rose by a quarter of a percentage point',
  'supercalifragilisticexpialidocious',
  'To install the package, run the command below. It downloads nothing else; the model, about eight megabytes, is part of it. Afterwards open the page, drop a folder of notes, and search them by word or by meaning, online or offline.',
];

const generated = (name) => readFile(new URL(`../generated/${name}`, import.meta.url));
const files = {};
for (const name of ['model.onnx', 'model_quantized.onnx', 'tokenizer.json']) {
  const bytes = await generated(name);
  files[name] = { bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
}
const tokenizer = new Tokenizer(JSON.parse((await generated('tokenizer.json')).toString('utf8')), {});
const run = await loadTensorFlow();
const fixed = new Int16Array(TEXTS.length * DIMENSIONS);
for (const [row, text] of TEXTS.entries()) {
  const vector = await run(tokenizer.encode(text).ids.slice(0, MAX_TOKENS));
  fixed.set(
    vector.map((value) => Math.round(value * 32767)),
    row * DIMENSIONS,
  );
}
await writeFile(
  new URL('../src/facts.ts', import.meta.url),
  `// Written by scripts/write-facts.mjs.

/** Size and SHA-256 of each file in generated/. */
export const FILES: Record<${Object.keys(files)
    .map((name) => `'${name}'`)
    .join(' | ')}, { bytes: number; sha256: string }> = ${JSON.stringify(files)};

/** Texts and their vectors from the original graph in TensorFlow.js: int16, little-endian, value × 32767, base64. */
export const REFERENCE: { texts: string[]; vectors: string } = ${JSON.stringify({ texts: TEXTS, vectors: Buffer.from(fixed.buffer).toString('base64') })};
`,
);
