import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { Tokenizer } from '@huggingface/tokenizers';
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../scripts/tensorflow.mjs';
import { useLite } from '../src/index.ts';

const { card, urls } = useLite;
const { dimensions, maxTokens } = card;
const file = (name: string): Promise<Buffer> => readFile(new URL(urls[name]!));

const VARIED = [
  '',
  ' ',
  'a',
  'Hello, world!',
  '😀',
  '👩‍👩‍👧‍👦 and 🏳️‍🌈 walk into a bar',
  '東京は日本の首都です。',
  '한국어 문장',
  'Привет, как дела?',
  'مرحبا بالعالم',
  '\ud800',
  'lone \udc00 surrogate \ud83d here',
  'x'.repeat(500),
  'The same sentence over and over. '.repeat(303).slice(0, 10_000),
  'ﬁne ½ Ⅷ ｆｕｌｌ ｗｉｄｔｈ',
  'tabs\tand\nnew\r\nlines',
  '   spaces   in   between   ',
  '\u0000\u0007 control',
  'naïve café Ångström',
  'https://example.org/a?b=c&d=%20',
  'C++ and C# and .NET',
  '3.14159 26535 89793',
  'e = mc^2, ∫ f(x) dx ≤ ∞',
  'ALL CAPITALS, AND THEN SOME',
  '▁▁▁',
  '<s> </s> [CLS]',
  ...'How do I renew my passport?|The cat sat on the mat.|Interest rates rose again.|Photosynthesis makes sugar.|What is the capital of France?|A journal is flushed before it is acknowledged.|boundary layer over a flat plate|He ran to the store to buy milk, eggs and bread.|The patient was given two tablets a day.|Is this the real life?|To be or not to be.|Buy low, sell high.|An apple a day.|Rain is expected tomorrow.|The engine failed at 3,000 m.|My hovercraft is full of eels.|Press any key to continue.|No.|Yes, but why?|Time flies like an arrow.|Fruit flies like a banana.|She sells sea shells.|Open the pod bay doors.|One two three four five six seven eight nine ten.'.split(
    '|',
  ),
];

const tokenizer = new Tokenizer(JSON.parse((await file(card.files.tokenizer)).toString('utf8')), {});
const idsOf = (text: string): number[] => {
  const ids = tokenizer.encode(text).ids.slice(0, maxTokens);
  return ids.length > 0 ? ids : [0];
};

async function run(session: ort.InferenceSession, batch: number[][]): Promise<Float32Array> {
  const width = Math.max(...batch.map((ids) => ids.length));
  const ids = new BigInt64Array(batch.length * width);
  const mask = new BigInt64Array(batch.length * width);
  batch.forEach((row, r) =>
    row.forEach((id, i) => {
      ids[r * width + i] = BigInt(id);
      mask[r * width + i] = 1n;
    }),
  );
  const shape = [batch.length, width];
  const feeds = {
    input_ids: new ort.Tensor('int64', ids, shape),
    attention_mask: new ort.Tensor('int64', mask, shape),
  };
  return (await session.run(feeds))['sentence_embedding']!.data as Float32Array;
}

describe('use-lite against the original in TensorFlow.js', () => {
  const original: Float32Array[] = [];
  const sessions: Record<string, ort.InferenceSession> = {};

  beforeAll(async () => {
    ort.env.wasm.numThreads = 1;
    for (const [dtype, name] of Object.entries(card.files.weights)) {
      sessions[dtype] = await ort.InferenceSession.create(new Uint8Array(await file(name)));
    }
    const tensorFlow = await loadTensorFlow();
    for (const text of VARIED) original.push(await tensorFlow(idsOf(text)));
  }, 120_000);

  it('has 50 texts to compare', () => {
    expect(new Set(VARIED).size).toBe(50);
  });

  it('differs by at most 1e-5 in fp32', async () => {
    for (const [i, text] of VARIED.entries()) {
      const ours = await run(sessions['fp32']!, [idsOf(text)]);
      expect(Math.max(...ours.map((value, d) => Math.abs(value - original[i]![d]!))), text).toBeLessThan(
        1e-5,
      );
    }
  });

  it('has a cosine of at least 0.99 in int8', async () => {
    for (const [i, text] of VARIED.entries()) {
      const ours = await run(sessions['int8']!, [idsOf(text)]);
      expect(
        ours.reduce((sum, value, d) => sum + value * original[i]![d]!, 0),
        text,
      ).toBeGreaterThan(0.99);
    }
  });

  it('does not let padding change a vector', async () => {
    const batch = VARIED.slice(0, 12).map(idsOf);
    const together = await run(sessions['fp32']!, batch);
    for (let row = 0; row < batch.length; row++) {
      const difference = together
        .slice(row * dimensions, (row + 1) * dimensions)
        .map((value, d) => Math.abs(value - original[row]![d]!));
      expect(Math.max(...difference)).toBeLessThan(1e-5);
    }
  });
});

describe('the package', () => {
  it('has the files that its card names, with the checksums that it states', async () => {
    for (const name of [card.files.tokenizer, card.files.weights.fp32, card.files.weights.int8]) {
      expect(
        createHash('sha256')
          .update(await file(name))
          .digest('hex'),
      ).toBe(card.hashes[name]);
    }
    expect((await file(card.files.weights.fp32)).byteLength).toBe(card.bytes.fp32);
    expect((await file(card.files.weights.int8)).byteLength).toBe(card.bytes.int8);
  });
});
