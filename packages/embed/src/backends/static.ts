import { pooledDimensions } from '../dense.ts';
import { EmbedError } from '../errors.ts';
import { readSafetensors, type Tensor, toFloat32 } from '../safetensors.ts';
import type { Backend, BackendRequest } from './backend.ts';

const NAMES = ['embeddings', 'embedding.weight', 'embeddings.weight'];

/**
 * Static embeddings (model2vec layout): a text is the mean of its tokens' vectors. Rows may be float32, float16, or int8
 * with one scale each; they are kept as they are stored, except float16, which has no typed array everywhere.
 */
export function createStaticBackend({ card, dtype, files }: BackendRequest, unknown: number): Backend {
  const name = card.files.weights[dtype];
  const file = name === undefined ? undefined : files[name];
  if (!file) throw new EmbedError('invalid-model', `${card.id} has no ${dtype} weights.`);
  const tensors = readSafetensors(file);
  const table = NAMES.map((name) => tensors.get(name)).find((tensor) => tensor !== undefined);
  if (!table || table.shape.length !== 2)
    throw new EmbedError('invalid-model', `${name} holds no table of embeddings.`);
  const [rows, dimensions] = table.shape as [number, number];
  const expected = pooledDimensions(card);
  if (dimensions !== expected) {
    throw new EmbedError(
      'invalid-model',
      `${name} has ${dimensions} dimensions, the card of ${card.id} says ${expected}.`,
    );
  }
  const values = tableValues(table);
  const scales = optional(tensors.get('scales'));
  const weights = optional(tensors.get('weights'));
  const mapping = optional(tensors.get('mapping'));
  if (values instanceof Int8Array && !scales)
    throw new EmbedError('invalid-model', `${name} is int8 and has no scales.`);

  const leftOut = card.unknownTokens === 'counted' ? -1 : unknown;

  function addTokens(ids: Int32Array, sum: Float32Array): void {
    let known = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (id === leftOut) continue;
      const row = mapping ? mapping[id]! : id;
      if (!(row >= 0 && row < rows)) continue;
      const scale = (scales ? scales[row]! : 1) * (weights ? weights[id]! : 1);
      const start = row * dimensions;
      for (let d = 0; d < dimensions; d++) sum[d]! += scale * values[start + d]!;
      known++;
    }
    if (known > 1) for (let d = 0; d < dimensions; d++) sum[d]! /= known;
  }

  return {
    tokenBudget: 1 << 16,
    embed(sequences) {
      const out = new Float32Array(sequences.length * dimensions);
      sequences.forEach((ids, row) => addTokens(ids, out.subarray(row * dimensions, (row + 1) * dimensions)));
      return out;
    },
    dispose() {},
  };
}

function tableValues(table: Tensor): Float32Array | Int8Array {
  if (table.dtype === 'I8')
    return new Int8Array(table.bytes.buffer, table.bytes.byteOffset, table.bytes.byteLength);
  return toFloat32(table);
}

function optional(tensor: Tensor | undefined): Float32Array | undefined {
  return tensor && toFloat32(tensor);
}
