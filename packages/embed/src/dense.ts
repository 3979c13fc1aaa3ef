import { EmbedError } from './errors.ts';
import { readSafetensors, toFloat32 } from './safetensors.ts';
import type { DenseLayer, ModelCard } from './types.ts';

/** Length of what is pooled: what the layers after pooling take, else the model's own dimensions. */
export function pooledDimensions({ dense, dimensions }: ModelCard): number {
  return dense?.[0]?.inputs ?? dimensions;
}

/** Rows of numbers to rows of numbers. */
type Step = (rows: Float32Array) => Float32Array;

/**
 * The linear layers that a card has after pooling (Dense of sentence-transformers): activation(W x + b), in order.
 * @param files by name; weights are safetensors with `linear.weight` (outputs × inputs) and, optionally, `linear.bias`
 * @throws EmbedError `invalid-model` when the weights are missing or of other sizes.
 */
export function createDense({ id, dense = [] }: ModelCard, files: Record<string, Uint8Array>): Step {
  const steps = dense.map((layer) => createLayer(id, layer, files[layer.file]));
  return (rows) => steps.reduce((result, step) => step(result), rows);
}

function createLayer(id: string, layer: DenseLayer, file: Uint8Array | undefined): Step {
  const { inputs, outputs, activation } = layer;
  const bad = (why: string): never => {
    throw new EmbedError('invalid-model', `${layer.file} of ${id} ${why}.`);
  };
  const tensors = file ? readSafetensors(file) : bad('is missing');
  const weight = tensors.get('linear.weight') ?? bad('has no linear.weight');
  if (weight.shape.join() !== [outputs, inputs].join())
    bad(`is ${weight.shape.join(' × ')}, its configuration says ${outputs} × ${inputs}`);
  const matrix = toFloat32(weight);
  const stored = tensors.get('linear.bias');
  const bias = stored ? toFloat32(stored) : new Float32Array(outputs);
  if (bias.length !== outputs) bad(`has ${bias.length} biases for ${outputs} outputs`);
  return (rows) => {
    const count = rows.length / inputs;
    const out = new Float32Array(count * outputs);
    for (let row = 0; row < count; row++) {
      for (let o = 0; o < outputs; o++) {
        let sum = bias[o]!;
        const from = row * inputs;
        const at = o * inputs;
        for (let i = 0; i < inputs; i++) sum += matrix[at + i]! * rows[from + i]!;
        out[row * outputs + o] = activation === 'tanh' ? Math.tanh(sum) : sum;
      }
    }
    return out;
  };
}
