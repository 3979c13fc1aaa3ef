// A linear layer as the GEMMs read it: eight words in memory, written by src/linear.ts.
//   0 weights, 4 K (inputs, padded), 8 N (outputs, a multiple of 8), 12 scale of each output (f32; int8 only),
//   16 sum of the weights of each output (i32; int8 only), 20 bias of each output (f32, always there)

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
