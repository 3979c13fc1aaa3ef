import { canShareMemory, KernelsError, kernelsSupported } from '@burrow/kernels';
import { pooledDimensions } from '../dense.ts';
import { Encoder } from '../encoder/encoder.ts';
import { EncoderPool } from '../encoder/encoder-pool.ts';
import type { ModelConfig, TextModel } from '../encoder/model.ts';
import { packModel } from '../encoder/pack.ts';
import { recogniseOnnx } from '../encoder/recognise-onnx.ts';
import { recogniseSafetensors } from '../encoder/recognise-safetensors.ts';
import { EmbedError } from '../errors.ts';
import type { Backend, BackendRequest } from './backend.ts';

/** Texts are not padded, so a batch need only be large enough to keep every thread busy. */
const TOKEN_BUDGET = 2048;

/**
 * Runs BERT-like encoders on the package's own kernels: no runtime to download. The weights are the ones that ONNX
 * Runtime would use, or a safetensors file; `config.json`, when it is among the files, settles what the graph leaves open.
 * @param encoderUrl address of `encoder-worker.js`; without it, or without shared memory, there is one thread
 * @throws EmbedError `unsupported`, with the reason, when the model is not one that the kernels know.
 */
export async function createKernelsBackend(request: BackendRequest, encoderUrl?: string): Promise<Backend> {
  const { card, dtype, threads } = request;
  if (Array.isArray(card.pooling))
    throw new EmbedError('unsupported', 'The kernels pool in one way, this model in several.');
  if (!kernelsSupported()) throw new EmbedError('unsupported', 'This engine has no WebAssembly SIMD.');
  const model = recognise(request);
  const shared = threads > 1 && encoderUrl !== undefined && canShareMemory();
  try {
    const packed = packModel(model, { precision: dtype === 'int8' ? 'int8' : 'f32', shared });
    const expected = pooledDimensions(card);
    if (packed.dimensions !== expected) {
      throw new EmbedError(
        'invalid-model',
        `The weights give ${packed.dimensions} dimensions, the card of ${card.id} says ${expected}.`,
      );
    }
    const memory = (): number => packed.memory.buffer.byteLength;
    if (shared) {
      const pool = await EncoderPool.start(packed, card.pooling, threads, encoderUrl);
      return {
        tokenBudget: TOKEN_BUDGET * threads,
        embed: (sequences) => pool.embed(sequences),
        memory,
        dispose: () => pool.dispose(),
      };
    }
    const encoder = new Encoder(packed, card.pooling);
    return {
      tokenBudget: TOKEN_BUDGET,
      embed: (sequences) => encoder.embed(sequences),
      memory,
      dispose() {},
    };
  } catch (error) {
    if (!(error instanceof KernelsError)) throw error;
    throw new EmbedError('backend-failed', error.message, { cause: error });
  }
}

function recognise({ card, dtype, files }: BackendRequest): TextModel {
  const name = card.files.weights[dtype];
  const file = name === undefined ? undefined : files[name];
  if (name === undefined || !file)
    throw new EmbedError('invalid-model', `${card.id} has no ${dtype} weights.`);
  const config = files['config.json'];
  const parsed = config ? (JSON.parse(new TextDecoder().decode(config)) as ModelConfig) : {};
  if (name.endsWith('.safetensors')) return recogniseSafetensors(file, parsed);
  const model = recogniseOnnx(file, { config: parsed, external: files });
  if (card.pooling === 'graph' && !model.head)
    throw new EmbedError('unsupported', 'The kernels cannot pool as this graph does.');
  return model;
}
