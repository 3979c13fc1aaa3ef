/** Attention of rows `begin` to `end` of one text over all heads, whatever it is worked out in. */
type Attention = (
  q: number,
  k: number,
  v: number,
  stride: number,
  tokens: number,
  begin: number,
  end: number,
  heads: number,
  size: number,
  scale: number,
  slopes: number,
  out: number,
  outStride: number,
  scratch: number,
) => void;

/** Turns rows into codes of activations. */
type QuantiseRows = (
  kind: number,
  x: number,
  gate: number,
  stride: number,
  rows: number,
  n: number,
  padded: number,
  codes: number,
  scales: number,
  zeros: number,
) => void;

/** What the WebAssembly file exports. Pointers and strides are bytes; documentation is beside the code in assembly/. */
export interface KernelExports {
  // scans
  heapReset(scores: number, slots: number, k: number): void;
  heapSize(): number;
  heapSort(): number;
  scanPrepare(
    metric: number,
    rows: number,
    bytes: number,
    query: number,
    factors: number,
    cosines: number,
    scale: number,
    square: number,
  ): void;
  scanTop(from: number, to: number, live: number, filter: number): void;
  scanAll(from: number, to: number, out: number): void;
  scanList(list: number, count: number): void;
  scoreList(list: number, count: number, out: number): void;
  sumBlock(from: number, bytes: number): number;
  // matrix products
  gemmGrouped(on: boolean): void;
  gemmInt8(
    layer: number,
    codes: number,
    rowScales: number,
    rowZeros: number,
    rows: number,
    residual: number,
    residualStride: number,
    out: number,
    outStride: number,
  ): void;
  gemmFloat(
    layer: number,
    a: number,
    stride: number,
    rows: number,
    residual: number,
    residualStride: number,
    out: number,
    outStride: number,
  ): void;
  multiplyFloat(
    a: number,
    stride: number,
    rows: number,
    weights: number,
    inputs: number,
    outputs: number,
    bias: number,
    residual: number,
    residualStride: number,
    out: number,
    outStride: number,
  ): void;
  packOutputs(from: number, stride: number, outputs: number, inputs: number, panels: number): void;
  packInputs(from: number, stride: number, inputs: number, outputs: number, panels: number): void;
  // rows
  activateRows(kind: number, x: number, gate: number, stride: number, rows: number, n: number): void;
  quantiseRows: QuantiseRows;
  quantiseRowsFine: QuantiseRows;
  layerNormRows(
    x: number,
    stride: number,
    rows: number,
    n: number,
    gamma: number,
    beta: number,
    epsilon: number,
    out: number,
    outStride: number,
  ): void;
  poolMean(x: number, stride: number, rows: number, n: number, out: number): void;
  poolMax(x: number, stride: number, rows: number, n: number, out: number): void;
  normaliseRows(x: number, stride: number, rows: number, n: number): void;
  // attention
  attention: Attention;
  attentionScratch(tokens: number, size: number): number;
  /** Relaxed SIMD only: the plain file traps. */
  attentionInt8: Attention;
  attentionInt8Scratch(tokens: number, size: number): number;
  rotateRows(
    x: number,
    stride: number,
    rows: number,
    heads: number,
    size: number,
    cosines: number,
    sines: number,
    first: number,
  ): void;
  softmaxRows(
    x: number,
    stride: number,
    rows: number,
    n: number,
    scale: number,
    mask: number,
    slope: number,
    first: number,
  ): void;
}
