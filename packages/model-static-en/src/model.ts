import { FILES, REFERENCE } from './facts.ts';
import type { StaticModel } from './types.ts';

const WEIGHTS = 'model.safetensors';
const TOKENIZER = 'tokenizer.json';

/**
 * static-en: one 256-dimensional vector for each of 30,522 English word pieces, int8 with one scale per row; a text is
 * the normalised mean of its pieces' vectors. 8 MB, no runtime. The first 128 dimensions are a model of their own.
 * Give it to `createEmbedder` of `@burrow/embed`, whose default it is.
 */
export const staticEn: StaticModel = {
  card: {
    id: 'burrow/static-en',
    revision: '1',
    kind: 'static',
    dimensions: 256,
    matryoshka: [256, 128],
    maxTokens: 2048,
    pooling: 'mean',
    normalize: true,
    prefixes: { query: '', document: '' },
    similarity: 'cosine',
    languages: ['en'],
    licence: 'MIT OR Apache-2.0',
    fusionWeight: 0.4,
    files: { tokenizer: TOKENIZER, weights: { int8: WEIGHTS } },
    bytes: { int8: FILES[WEIGHTS].bytes },
    hashes: { [WEIGHTS]: FILES[WEIGHTS].sha256, [TOKENIZER]: FILES[TOKENIZER].sha256 },
    reference: REFERENCE,
    verified: true,
    sources: {
      dimensions: 'recipe/README.md',
      matryoshka: 'recipe/README.md: columns are principal directions in falling order',
      maxTokens: 'a limit of this package; the method has none',
      pooling: 'recipe/train_static.py',
      fusionWeight: 'recipe/README.md: best of 0.2 and 0.4 on Cranfield and LISA',
      reference: 'recipe/quantise.py, from the float16 weights',
    },
  },
  urls: {
    [WEIGHTS]: new URL('../data/model.safetensors', import.meta.url).href,
    [TOKENIZER]: new URL('../data/tokenizer.json', import.meta.url).href,
  },
};
