import type { Dtype, ModelCard } from '../types.ts';
import { MINILM_REFERENCE } from './reference-minilm.ts';

const ONNX: Record<Dtype, string> = {
  fp32: 'onnx/model.onnx',
  fp16: 'onnx/model_fp16.onnx',
  int8: 'onnx/model_quantized.onnx',
};
const BGE_QUERY = 'Represent this sentence for searching relevant passages: ';

type Facts = Pick<ModelCard, 'id' | 'dimensions' | 'licence'> & Partial<ModelCard>;

function card(facts: Facts): ModelCard {
  return {
    revision: 'main',
    kind: 'onnx',
    maxTokens: 512,
    pooling: 'mean',
    normalize: true,
    prefixes: { query: '', document: '' },
    similarity: 'cosine',
    languages: ['en'],
    fusionWeight: 0.4,
    files: { tokenizer: 'tokenizer.json', tokenizerConfig: 'tokenizer_config.json', weights: ONNX },
    bytes: {},
    verified: false,
    sources: { '*': 'the model’s page, not checked here' },
    ...facts,
  };
}

/**
 * Models with a card of their own, by short name. `verified` ones were checked against real weights here; the facts of the
 * others are those that their authors state. Revisions are the commits that several published projects pin; the files of
 * those commits were not seen here. Where none is known it is `main`, and the space is only as stable as that: the
 * checksums of the first download are kept and compared.
 */
export const presets: Record<string, ModelCard> = {
  'all-MiniLM-L6-v2': card({
    id: 'Xenova/all-MiniLM-L6-v2',
    revision: '751bff37182d3f1213fa05d7196b954e230abad9',
    dimensions: 384,
    maxTokens: 256,
    licence: 'Apache-2.0',
    fusionWeight: 0.5,
    reference: MINILM_REFERENCE,
    verified: true,
    sources: {
      dimensions: 'config.json',
      maxTokens: 'sentence_bert_config.json',
      pooling: '1_Pooling/config.json',
      normalize: 'modules.json',
      revision:
        'as other projects pin it; checked here were weights converted from the same model, not this commit’s files',
      fusionWeight: 'between the best two of 0.4 and 0.6 on Cranfield and LISA',
      reference: 'fp32 weights in native ONNX Runtime; STS-B test 0.820, as published',
    },
  }),
  'bge-small-en-v1.5': card({
    id: 'Xenova/bge-small-en-v1.5',
    revision: 'ea104dacec62c0de699686887e3f920caeb4f3e3',
    dimensions: 384,
    pooling: 'cls',
    prefixes: { query: BGE_QUERY, document: '' },
    licence: 'MIT',
  }),
  'gte-small': card({ id: 'Xenova/gte-small', dimensions: 384, licence: 'MIT' }),
  'multilingual-e5-small': card({
    id: 'Xenova/multilingual-e5-small',
    revision: '761b726dd34fb83930e26aab4e9ac3899aa1fa78',
    dimensions: 384,
    prefixes: { query: 'query: ', document: 'passage: ' },
    languages: ['multilingual'],
    licence: 'MIT',
  }),
  'jina-embeddings-v2-small-en': card({
    id: 'Xenova/jina-embeddings-v2-small-en',
    dimensions: 512,
    maxTokens: 8192,
    licence: 'Apache-2.0',
  }),
  'snowflake-arctic-embed-xs': card({
    id: 'Snowflake/snowflake-arctic-embed-xs',
    revision: 'd8c86521100d3556476a063fc2342036d45c106f',
    dimensions: 384,
    pooling: 'cls',
    prefixes: { query: BGE_QUERY, document: '' },
    licence: 'Apache-2.0',
  }),
  'embeddinggemma-300m': card({
    id: 'onnx-community/embeddinggemma-300m-ONNX',
    revision: '5090578d9565bb06545b4552f76e6bc2c93e4a66',
    dimensions: 768,
    matryoshka: [768, 512, 256, 128],
    maxTokens: 2048,
    pooling: 'graph',
    prefixes: { query: 'task: search result | query: ', document: 'title: none | text: ' },
    languages: ['multilingual'],
    licence: 'Gemma',
    files: {
      tokenizer: 'tokenizer.json',
      tokenizerConfig: 'tokenizer_config.json',
      weights: { fp32: 'onnx/model.onnx', int8: 'onnx/model_quantized.onnx' },
      external: { fp32: ['onnx/model.onnx_data'], int8: ['onnx/model_quantized.onnx_data'] },
    },
    sources: {
      '*': 'the model’s page, not checked here',
      files: 'no float16: its activations overflow there, says its page',
    },
  }),
  'potion-base-8M': card({
    id: 'minishlab/potion-base-8M',
    revision: 'bf8b056651a2c21b8d2565580b8569da283cab23',
    kind: 'static',
    dimensions: 256,
    licence: 'MIT',
    files: { tokenizer: 'tokenizer.json', weights: { fp32: 'model.safetensors' } },
  }),
};
