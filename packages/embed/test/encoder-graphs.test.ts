// Graphs as converters write them: what is recognised runs as in ONNX Runtime, the rest falls to it and says why.
import { writeFile, mkdtemp, rm, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { embedAssets } from '../src/assets.ts';
import type { BackendRequest } from '../src/backends/backend.ts';
import { createKernelsBackend } from '../src/backends/kernels.ts';
import { createOnnxBackend } from '../src/backends/onnx.ts';
import { recogniseOnnx } from '../src/encoder/recognise-onnx.ts';
import { createEmbedder, hashModel } from '../src/index.ts';
import type { ModelCard } from '../src/types.ts';
import { rowCosine } from '../src/vectors.ts';
import { BERT_WIDTH, bertGraph, type BertGraphOptions } from './onnx-bert.ts';

const card: ModelCard = {
  ...hashModel.card,
  id: 'somebody/bert',
  kind: 'onnx',
  dimensions: BERT_WIDTH,
  maxTokens: 40,
  pooling: 'mean',
  files: { tokenizer: 'tokenizer.json', weights: { fp32: 'model.onnx' } },
};
const TEXTS = [[2, 5, 49, 0, 12, 12, 3], [7], Array.from({ length: 40 }, (_, i) => (i * 7) % 50)].map((ids) =>
  Int32Array.from(ids),
);

function request(file: Uint8Array): BackendRequest {
  const files = { 'model.onnx': file.slice() };
  return {
    card,
    device: 'wasm',
    dtype: 'fp32',
    threads: 1,
    files,
    assets: embedAssets,
    allowSoftwareAdapter: false,
  };
}

describe('graphs that are recognised', () => {
  it.each<[string, BertGraphOptions, number]>([
    ['fp32', {}, 0.999999],
    ['LayerNorm in single steps', { decomposed: true }, 0.999999],
    ['fp16', { half: true }, 0.9999],
    ['fp16, LayerNorm in single steps', { half: true, decomposed: true }, 0.9999],
    ['positions of RoBERTa', { roberta: true }, 0.999999],
    ['8 bits for each tensor', { quantised: 'tensor' }, 0.999999],
    [
      '8 bits for each output, LayerNorm in single steps',
      { quantised: 'outputs', decomposed: true },
      0.999999,
    ],
  ])('%s: the vectors of ONNX Runtime', async (_, options, least) => {
    const file = bertGraph(options);
    const [ours, theirs] = [
      await createKernelsBackend(request(file)),
      await createOnnxBackend(request(file)),
    ];
    for (const text of TEXTS) {
      const [a, b] = [await ours.embed([text]), await theirs.embed([text])];
      expect(rowCosine(a, b, 0, BERT_WIDTH)).toBeGreaterThan(least);
    }
    await theirs.dispose();
  });
});

describe('graphs that are not', () => {
  it.each<[string, BertGraphOptions, RegExp]>([
    ['a scale for each input', { quantised: 'inputs' }, /scale/],
    ['biases in 32-bit integers', { quantised: 'outputs', quantisedBiases: true }, /names of BERT/],
  ])('%s: says why', (_, options, reason) => {
    expect(() => recogniseOnnx(bertGraph(options))).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringMatching(reason) }),
    );
  });

  it('run on ONNX Runtime, with the reason in the report', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'burrow-graph-'));
    try {
      const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'a', 'cat', 'sleeps'];
      const tokenizer = {
        model: {
          type: 'WordPiece',
          unk_token: '[UNK]',
          continuing_subword_prefix: '##',
          max_input_chars_per_word: 100,
          vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
        },
        normalizer: null,
        post_processor: null,
        decoder: null,
        pre_tokenizer: { type: 'BertPreTokenizer' },
        added_tokens: [],
      };
      await mkdir(join(folder, 'onnx'));
      await writeFile(
        join(folder, 'config.json'),
        JSON.stringify({ hidden_size: BERT_WIDTH, max_position_embeddings: 40 }),
      );
      await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
      await writeFile(
        join(folder, 'onnx/model.onnx'),
        bertGraph({ quantised: 'outputs', quantisedBiases: true }),
      );
      await using embedder = await createEmbedder({ model: pathToFileURL(folder).href });
      expect(embedder.backend).toMatchObject({ device: 'wasm', dtype: 'fp32' });
      const passed = embedder.backend.candidates.find(({ device }) => device === 'kernels');
      expect(passed).toMatchObject({
        outcome: 'failed',
        reason: expect.stringContaining('none of the names of BERT encoders'),
      });
      expect((await embedder.embed(['a cat sleeps'])).count).toBe(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
