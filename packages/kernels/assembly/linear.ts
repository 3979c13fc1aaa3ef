// A linear layer as the GEMMs read it: eight words in memory, written by src/linear.ts, and for keys and
// values by attention-int8.ts.
//   0 weights, 4 K (inputs, padded), 8 N (outputs, a multiple of 8), 12 scale of each output (f32; int8 only),
//   16 sum of the weights of each output (i32; int8 only), 20 bias of each output (f32, always there),
//   24 whether the grouped product may be used (int8 only)

/** Bytes of a description. */
export const LAYER_BYTES: usize = 32;

/** Describes a layer of int8 weights that was packed here. */
export function writeLayer(
  layer: usize, weights: usize, inputs: usize, outputs: usize, scales: usize, sums: usize, bias: usize,
): void {
  store<u32>(layer, weights);
  store<u32>(layer, inputs, 4);
  store<u32>(layer, outputs, 8);
  store<u32>(layer, scales, 12);
  store<u32>(layer, sums, 16);
  store<u32>(layer, bias, 20);
  store<u32>(layer, 1, 24);
}

// @ts-ignore: decorator
@inline
export function layerWeights(layer: usize): usize {
  return load<u32>(layer);
}

// @ts-ignore: decorator
@inline
export function layerInputs(layer: usize): usize {
  return load<u32>(layer, 4);
}

// @ts-ignore: decorator
@inline
export function layerOutputs(layer: usize): usize {
  return load<u32>(layer, 8);
}

// @ts-ignore: decorator
@inline
export function layerScales(layer: usize): usize {
  return load<u32>(layer, 12);
}

// @ts-ignore: decorator
@inline
export function layerSums(layer: usize): usize {
  return load<u32>(layer, 16);
}

// @ts-ignore: decorator
@inline
export function layerBias(layer: usize): usize {
  return load<u32>(layer, 20);
}

// @ts-ignore: decorator
@inline
export function layerGroups(layer: usize): bool {
  return load<u32>(layer, 24) != 0;
}
