import type { Sequence, SequenceEncoder } from '../tokenizer.ts';
import type { Model, ModelCard, Tokenizer } from '../types.ts';
import { splitText } from '../split.ts';
import type { Backend } from './backend.ts';

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const GRAM_LENGTHS = [3, 4];
const WORD_SEEDS = [0x9747b28c, 0x1b873593];
const GRAM_SEED = 0x85ebca6b;

const card: ModelCard = {
  id: 'burrow/hash',
  revision: '1',
  kind: 'hash',
  dimensions: 512,
  maxTokens: 1 << 16,
  pooling: 'mean',
  normalize: true,
  prefixes: { query: '', document: '' },
  similarity: 'cosine',
  languages: [],
  licence: 'MIT OR Apache-2.0',
  fusionWeight: 0.1,
  files: { tokenizer: '', weights: {} },
  bytes: {},
  verified: true,
  sources: {},
};

/**
 * The last resort: no model at all. Words and their character 3- and 4-grams are hashed to signed positions (feature
 * hashing, Weinberger et al. 2009). It finds spellings, not meanings, in any language, and gives the same vectors in every
 * engine.
 */
export const hashModel: Model = { card, urls: {} };

/** Text to features: each id is a 32-bit hash, of which the top bit is the sign and the rest the position. */
export class HashEncoder implements SequenceEncoder, Tokenizer {
  readonly capacity: number = card.maxTokens;

  sequence(text: string): Sequence {
    const features: number[] = [];
    let words = 0;
    for (const [match] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) {
      if (words++ === card.maxTokens) return { ids: Int32Array.from(features), truncated: true };
      for (const seed of WORD_SEEDS) features.push(murmur3(match, 0, match.length, seed));
      const marked = `<${match}>`;
      for (const length of GRAM_LENGTHS) {
        for (let i = 0; i + length <= marked.length; i++)
          features.push(murmur3(marked, i, i + length, GRAM_SEED));
      }
    }
    return { ids: Int32Array.from(features), truncated: false };
  }

  encode(text: string): Int32Array {
    return this.sequence(text).ids;
  }

  countTokens(text: string): number {
    return text.normalize('NFKC').match(WORD)?.length ?? 0;
  }

  split(text: string, maxTokens: number): { start: number; end: number }[] {
    return splitText(text, maxTokens, (part) => this.countTokens(part));
  }
}

/** Adds up signed features. */
export function createHashBackend({ dimensions }: ModelCard = card): Backend {
  return {
    tokenBudget: 1 << 18,
    embed(sequences) {
      const out = new Float32Array(sequences.length * dimensions);
      sequences.forEach((ids, row) => {
        for (const id of ids) out[row * dimensions + ((id & 0x7fffffff) % dimensions)]! += id < 0 ? -1 : 1;
      });
      return out;
    },
    dispose() {},
  };
}

/** MurmurHash3 (Appleby), 32 bits, over UTF-16 code units [start, end) of a string. */
export function murmur3(text: string, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let i = start; i < end; i++) {
    let block = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    block = Math.imul((block << 15) | (block >>> 17), 0x1b873593);
    hash ^= block;
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash ^= (end - start) * 2;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
