import type { LinearWeights } from '@burrow/kernels';
import { halfToFloat } from '../safetensors.ts';
import { type Activation, type Table, unrecognised } from './model.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx-file.ts';

/** Steps that pass values on unchanged. */
const TRANSPARENT = new Set(['Cast', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Questions about an ONNX graph: which weights belong to which bias, what an activation is, and the like. */
export class Graph {
  readonly file: OnnxGraph;
  private readonly producers = new Map<string, OnnxNode>();
  private readonly consumers = new Map<string, OnnxNode[]>();

  constructor(file: OnnxGraph) {
    this.file = file;
    for (const node of file.nodes) {
      for (const output of node.outputs) this.producers.set(output, node);
      for (const input of node.inputs) {
        const list = this.consumers.get(input);
        if (list) list.push(node);
        else this.consumers.set(input, [node]);
      }
    }
  }

  /** Name of the weight that ends so; undefined when there is none. */
  find(ending: string): string | undefined {
    for (const name of this.file.initializers.keys()) {
      if (name === ending || name.endsWith(`.${ending}`)) return name;
    }
    return undefined;
  }

  /** The constant behind a name: a weight, or a constant node, also behind casts. */
  constant(name: string): OnnxTensor | undefined {
    const weight = this.file.initializers.get(name);
    if (weight) return weight;
    const node = this.producers.get(name);
    if (!node) return undefined;
    if (node.op === 'Constant') return node.tensors.get('value');
    return node.op === 'Identity' || node.op === 'Cast' ? this.constant(node.inputs[0]!) : undefined;
  }

  consumersOf(name: string): OnnxNode[] {
    return this.consumers.get(name) ?? [];
  }

  producerOf(name: string): OnnxNode | undefined {
    return this.producers.get(name);
  }

  /** The numbers of a constant. @throws EmbedError `unsupported` when it is none. */
  floats(name: string): Float32Array {
    const tensor = this.constant(name);
    if (!tensor) throw unrecognised(`${name} is no constant`);
    return numbersOf(tensor);
  }

  /** The weights whose product the bias of that name is added to. */
  linear(biasName: string): LinearWeights {
    for (const node of this.afterCasts(biasName)) {
      const bias = this.floats(biasName);
      if (node.op === 'Gemm') return { ...this.product(node), bias };
      if (node.op !== 'Add') continue;
      const other = node.inputs.find((input) => this.constant(input) === undefined);
      const product = other === undefined ? undefined : this.productBehind(other);
      if (product) return { ...this.product(product), bias };
    }
    throw unrecognised(`no matrix product was found for ${biasName}`);
  }

  /** Products with constant weights of that shape, in the order of the graph. */
  productsOfShape(inputs: number, outputs: number): LinearWeights[] {
    return this.file.nodes
      .filter((node) => {
        if (node.op !== 'MatMul' && node.op !== 'MatMulInteger') return false;
        const dims = this.constant(node.inputs[1]!)?.dims;
        return dims?.length === 2 && dims[0] === inputs && dims[1] === outputs;
      })
      .map((node) => this.product(node));
  }

  /** What lies between the sum with a bias and the next product. */
  activationAfter(biasName: string): Activation {
    const [start] = this.afterCasts(biasName);
    const seen = new Set<OnnxNode>();
    const front = start ? [...start.outputs] : [];
    const kinds = new Set<string>();
    for (let name = front.pop(); name !== undefined; name = front.pop()) {
      for (const node of this.consumersOf(name)) {
        if (seen.has(node) || /^(MatMul|Gemm|MatMulInteger|DynamicQuantizeLinear)$/.test(node.op)) continue;
        seen.add(node);
        kinds.add(node.op === 'Gelu' && node.integers.size > 0 ? 'Gelu' : node.op);
        front.push(...node.outputs);
      }
    }
    if (kinds.has('Erf') || kinds.has('Gelu')) return 'gelu';
    if (kinds.has('Tanh') || kinds.has('FastGelu')) return 'gelu-tanh';
    if (kinds.has('Relu')) return 'relu';
    if (kinds.has('Sigmoid')) return 'silu';
    throw unrecognised(`the activation after ${biasName} is unknown`);
  }

  /** Size of a head: the last number of the shape that the sum with this bias gets. */
  headSize(biasName: string): number | undefined {
    const [add] = this.afterCasts(biasName);
    const reshape = add && this.consumersOf(add.outputs[0]!).find(({ op }) => op === 'Reshape');
    const shape = reshape?.inputs[1];
    if (shape === undefined) return undefined;
    const constant = this.constant(shape);
    if (constant) return constant.dims[0] === 4 ? numbersOf(constant).at(-1) : undefined;
    const node = this.producers.get(shape);
    const last =
      node?.op === 'Concat' && node.inputs.length === 4 ? this.constant(node.inputs[3]!) : undefined;
    return last && numbersOf(last)[0];
  }

  /** Epsilon of the LayerNorm with that weight. */
  epsilon(weightName: string): number | undefined {
    for (const node of this.afterCasts(weightName)) {
      const epsilon = node.op === 'LayerNormalization' ? node.floats.get('epsilon') : undefined;
      if (epsilon !== undefined) return epsilon;
    }
    for (const node of this.file.nodes) {
      const sum = node.op === 'Sqrt' ? this.producers.get(node.inputs[0]!) : undefined;
      const constant =
        sum?.op === 'Add' ? sum.inputs.map((input) => this.constant(input)).find(Boolean) : undefined;
      const value = constant ? numbersOf(constant)[0]! : 1;
      if (value < 1e-3) return value;
    }
    return undefined;
  }

  /** The table that is looked up by an input of the graph. */
  tableOf(input: string): Table | undefined {
    for (const node of this.afterCasts(input)) {
      if (node.op === 'Gather' && node.inputs[1] !== undefined) {
        const table = this.table(this.behindDequantize(node.inputs[0]!));
        if (table) return table;
      }
    }
    return undefined;
  }

  /** A two-dimensional constant, with what its rows are multiplied by where it is in 8 bits. */
  table(name: string): Table | undefined {
    const tensor = this.constant(name);
    if (tensor?.dims.length !== 2) return undefined;
    const [rows, width] = tensor.dims as [number, number];
    if (tensor.type !== 2 && tensor.type !== 3) return { rows, width, values: numbersOf(tensor) };
    const gather = this.consumersOf(name).find(
      ({ op }) => op === 'Gather' || op === 'Slice' || op === 'DequantizeLinear',
    );
    const dequantise =
      gather?.op === 'DequantizeLinear'
        ? gather
        : gather && this.consumersOf(gather.outputs[0]!).find(({ op }) => op === 'DequantizeLinear');
    if (!dequantise) return undefined;
    const scales = this.floats(dequantise.inputs[1]!);
    const zeroName = dequantise.inputs[2];
    const zeros = zeroName ? this.floats(zeroName) : new Float32Array(1);
    if (scales.length > 1 && dequantise === gather && dequantise.integers.get('axis') !== 0) {
      if (scales.length !== width) return undefined;
      const zeroOf = (i: number): number => zeros[zeros.length === 1 ? 0 : i % width]!;
      const values = Float32Array.from(bytesOf(tensor), (code, i) => (code - zeroOf(i)) * scales[i % width]!);
      return { rows, width, values };
    }
    if (scales.length > 1 && (scales.length !== rows || zeros.some((zero) => zero !== zeros[0])))
      return undefined;
    return { rows, width, values: bytesOf(tensor), scales, zero: zeros[0]! };
  }

  /** Nodes that use a value, also behind casts. */
  private afterCasts(name: string): OnnxNode[] {
    return this.consumersOf(name).flatMap((node) =>
      node.op === 'Cast' || node.op === 'Identity' ? this.afterCasts(node.outputs[0]!) : [node],
    );
  }

  /** The 8-bit constant that a name is dequantised from, else the name. */
  private behindDequantize(name: string): string {
    const node = this.producers.get(name);
    return node?.op === 'DequantizeLinear' ? node.inputs[0]! : name;
  }

  private productBehind(name: string): OnnxNode | undefined {
    const node = this.producers.get(name);
    if (!node) return undefined;
    if (node.op === 'MatMul' || node.op === 'MatMulInteger') return node;
    if (TRANSPARENT.has(node.op)) return this.productBehind(node.inputs[0]!);
    if (node.op !== 'Mul') return undefined;
    // Scaling of an integer product: one of the factors leads to it.
    return node.inputs
      .map((input) => this.productBehind(input))
      .find((found) => found?.op === 'MatMulInteger');
  }

  private product(node: OnnxNode): LinearWeights {
    const weightName = node.inputs[1]!;
    if (node.op === 'MatMulInteger') return this.integerProduct(node, weightName);
    const quantised = this.producers.get(weightName);
    if (quantised?.op === 'DequantizeLinear') {
      const weights = this.matrix(quantised.inputs[0]!);
      const scales = this.floats(quantised.inputs[1]!);
      const zero = quantised.inputs[2] ? this.floats(quantised.inputs[2]) : undefined;
      const byOutput = quantised.integers.get('axis') !== 0 && scales.length === weights.dims[1];
      if (scales.length > 1 && !byOutput) throw unrecognised(`${weights.name} has no scale for each output`);
      return codes(weights, scales, zero);
    }
    const tensor = this.matrix(weightName);
    const [rows, columns] = tensor.dims as [number, number];
    const transposed = node.op === 'Gemm' && node.integers.get('transB') === 1;
    return transposed
      ? { inputs: columns, outputs: rows, order: 'outputs', values: numbersOf(tensor) }
      : { inputs: rows, outputs: columns, order: 'inputs', values: numbersOf(tensor) };
  }

  private integerProduct(node: OnnxNode, weightName: string): LinearWeights {
    // product → Cast → Mul(…, Mul(scale of the row, scales of the weights))
    const [result] = this.afterCasts(node.outputs[0]!);
    const factor =
      result?.op === 'Mul' ? result.inputs.find((input) => this.productBehind(input) !== node) : undefined;
    const scaling = factor === undefined ? undefined : this.producers.get(factor);
    const scales = scaling?.op === 'Mul' ? scaling.inputs.find((input) => this.constant(input)) : undefined;
    if (scales === undefined) throw unrecognised(`no scale was found for ${weightName}`);
    return codes(
      this.matrix(weightName),
      this.floats(scales),
      node.inputs[3] ? this.floats(node.inputs[3]) : undefined,
    );
  }

  private matrix(name: string): OnnxTensor {
    const tensor = this.constant(name);
    if (tensor?.dims.length !== 2) throw unrecognised(`${name} is no constant matrix`);
    return tensor;
  }
}

/** 8-bit weights [inputs][outputs] as signed codes where those fit in ±127, else as floats. */
function codes(tensor: OnnxTensor, scales: Float32Array, zeros: Float32Array | undefined): LinearWeights {
  const [inputs, outputs] = tensor.dims as [number, number];
  const raw = bytesOf(tensor);
  const scaleOf = (n: number): number => scales[scales.length === 1 ? 0 : n]!;
  const zeroOf = (n: number): number => (zeros ? zeros[zeros.length === 1 ? 0 : n]! : 0);
  const values = new Int8Array(raw.length);
  let fits = true;
  for (let k = 0, i = 0; k < inputs; k++) {
    for (let n = 0; n < outputs; n++, i++) {
      const code = raw[i]! - zeroOf(n);
      if (code > 127 || code < -128) fits = false;
      values[i] = code;
    }
  }
  const shape = { inputs, outputs, order: 'inputs' as const };
  if (fits) return { ...shape, values, scales: Float32Array.from({ length: outputs }, (_, n) => scaleOf(n)) };
  return {
    ...shape,
    values: Float32Array.from(raw, (code, i) => (code - zeroOf(i % outputs)) * scaleOf(i % outputs)),
  };
}

function bytesOf({ type, bytes }: OnnxTensor): Uint8Array | Int8Array {
  return type === 3 ? new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
}

/** The numbers of a tensor; a view where alignment allows. */
export function numbersOf(tensor: OnnxTensor): Float32Array {
  const { type, bytes } = tensor;
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset, byteLength } = aligned;
  if (type === 1) return new Float32Array(buffer, byteOffset, byteLength / 4);
  if (type === 10) return Float32Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), halfToFloat);
  if (type === 11) return Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8));
  if (type === 2 || type === 3) return Float32Array.from(bytesOf(tensor));
  if (type === 6) return Float32Array.from(new Int32Array(buffer, byteOffset, byteLength / 4));
  if (type === 7) return Float32Array.from(new BigInt64Array(buffer, byteOffset, byteLength / 8), Number);
  throw unrecognised(`${tensor.name} has numbers of type ${type}`);
}
