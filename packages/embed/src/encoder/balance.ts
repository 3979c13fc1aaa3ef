import type { LinearWeights } from '@burrow/kernels';
import type { Norm } from './model.ts';

/** How many times its weight the output of a LayerNorm is taken to vary around its bias. */
const SPREAD = 2;

/**
 * Divides the outputs of a LayerNorm, and multiplies the weights that read them, so that channels with large
 * activations no longer take the 7 bits from the others; the product stays the same (SmoothQuant, Xiao et al. 2023,
 * with α = 1/2 and the range of activations estimated from the LayerNorm). Only where nothing else reads the outputs.
 */
export function balance(norm: Norm, linears: LinearWeights[]): { norm: Norm; linears: LinearWeights[] } {
  const floats = linears.map(toFloats);
  const factors = norm.weight.map((weight, k) => {
    const activation = Math.abs(norm.bias[k]!) + SPREAD * Math.abs(weight);
    const most = floats.reduce((most, layer) => Math.max(most, largestOf(layer, k)), 0);
    return activation > 0 && most > 0 ? Math.sqrt(activation / most) : 1;
  });
  return {
    norm: {
      ...norm,
      weight: norm.weight.map((x, k) => x / factors[k]!),
      bias: norm.bias.map((x, k) => x / factors[k]!),
    },
    linears: floats.map((layer) => ({
      ...layer,
      values: layer.values.map((value, i) => value * factors[inputOf(layer, i)]!),
    })),
  };
}

interface FloatWeights extends LinearWeights {
  values: Float32Array;
}

function inputOf({ order, inputs, outputs }: LinearWeights, index: number): number {
  return order === 'inputs' ? Math.floor(index / outputs) : index % inputs;
}

function toFloats(layer: LinearWeights): FloatWeights {
  const { values, scales, inputs, outputs, order } = layer;
  const outputOf = (i: number): number => (order === 'inputs' ? i % outputs : Math.floor(i / inputs));
  const floats = Float32Array.from(values, (value, i) => value * (scales ? scales[outputOf(i)]! : 1));
  return { ...layer, values: floats, scales: undefined };
}

function largestOf({ values, order, inputs, outputs }: FloatWeights, k: number): number {
  let most = 0;
  for (let n = 0; n < outputs; n++)
    most = Math.max(most, Math.abs(values[order === 'inputs' ? k * outputs + n : n * inputs + k]!));
  return most;
}
