import { EmbedError } from '../errors.ts';

/** A tensor of an ONNX file; its bytes are a view of the file. */
export interface OnnxTensor {
  name: string;
  dims: number[];
  /** ONNX data type: 1 float, 2 uint8, 3 int8, 6 int32, 7 int64, 10 float16, 11 double. */
  type: number;
  bytes: Uint8Array;
}

export interface OnnxNode {
  op: string;
  name: string;
  inputs: string[];
  outputs: string[];
  integers: Map<string, number>;
  floats: Map<string, number>;
  tensors: Map<string, OnnxTensor>;
}

export interface OnnxGraph {
  nodes: OnnxNode[];
  initializers: Map<string, OnnxTensor>;
  inputs: string[];
  outputs: string[];
}

/** Bytes of one element, by ONNX data type. */
const SIZES: Record<number, number> = { 1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8 };

/** One field of a protocol buffer message: varints as numbers, everything else as its bytes. */
interface Field {
  number: number;
  value: number;
  bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);
const text = new TextDecoder();

function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let result = 0;
    let factor = 1;
    for (;;) {
      if (at >= message.length)
        throw new EmbedError('invalid-model', 'The ONNX file is cut short. Download the model again.');
      const byte = message[at++]!;
      result += (byte & 127) * factor;
      if (byte < 128) return result;
      factor *= 128;
    }
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const wire = key & 7;
    if (wire === 0) yield { number, value: varint(), bytes: NO_BYTES };
    else {
      const length = wire === 2 ? varint() : wire === 5 ? 4 : wire === 1 ? 8 : -1;
      if (length < 0 || at + length > message.length) {
        throw new EmbedError(
          'invalid-model',
          'The ONNX file is damaged or cut short. Download the model again.',
        );
      }
      yield { number, value: 0, bytes: message.subarray(at, at + length) };
      at += length;
    }
  }
}

function packedVarints(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & 127) * factor;
    factor *= 128;
    if (byte < 128) {
      numbers.push(value);
      value = 0;
      factor = 1;
    }
  }
  return numbers;
}

/** Integers of a repeated field, packed or not. Negative ones do not occur where this is used. */
function integersOf({ value, bytes }: Field): number[] {
  return bytes === NO_BYTES ? [value] : packedVarints(bytes);
}

function readTensor(message: Uint8Array, external: Record<string, Uint8Array>): OnnxTensor {
  const tensor: OnnxTensor = { name: '', dims: [], type: 0, bytes: NO_BYTES };
  const reference: Record<string, string> = {};
  for (const field of fieldsOf(message)) {
    if (field.number === 1) tensor.dims.push(...integersOf(field));
    else if (field.number === 2) tensor.type = field.value;
    else if (field.number === 4) tensor.bytes = field.bytes; // packed floats: little-endian, as raw data
    else if (field.number === 5 || field.number === 7) {
      const values = integersOf(field);
      if (tensor.bytes.length === 0) tensor.bytes = encodeIntegers(values, tensor.type);
    } else if (field.number === 8) tensor.name = text.decode(field.bytes);
    else if (field.number === 9) tensor.bytes = field.bytes;
    else if (field.number === 13) {
      const pair: string[] = [];
      for (const part of fieldsOf(field.bytes)) pair[part.number] = text.decode(part.bytes);
      reference[pair[1] ?? ''] = pair[2] ?? '';
    }
  }
  if (reference['location'] !== undefined) tensor.bytes = readExternal(reference, external);
  const count = tensor.dims.reduce((product, dim) => product * dim, 1);
  const size = SIZES[tensor.type];
  if (size !== undefined && tensor.bytes.length !== count * size) {
    throw new EmbedError(
      'invalid-model',
      `${tensor.name} has ${tensor.bytes.length} bytes, ${count * size} are due.`,
    );
  }
  return tensor;
}

function encodeIntegers(values: number[], type: number): Uint8Array {
  if (type === 7) return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  if (type === 6) return new Uint8Array(Int32Array.from(values).buffer);
  if (type === 10) return new Uint8Array(Uint16Array.from(values).buffer);
  return Uint8Array.from(values);
}

function readExternal(reference: Record<string, string>, external: Record<string, Uint8Array>): Uint8Array {
  const location = reference['location']!;
  const file = Object.entries(external).find(
    ([name]) => name === location || name.endsWith(`/${location}`),
  )?.[1];
  if (!file) throw new EmbedError('invalid-model', `The weights are in ${location}, which is not there.`);
  const offset = Number(reference['offset'] ?? 0);
  return file.subarray(offset, offset + Number(reference['length'] ?? file.length - offset));
}

function readNode(message: Uint8Array, external: Record<string, Uint8Array>): OnnxNode {
  const node: OnnxNode = {
    op: '',
    name: '',
    inputs: [],
    outputs: [],
    integers: new Map(),
    floats: new Map(),
    tensors: new Map(),
  };
  for (const { number, bytes } of fieldsOf(message)) {
    if (number === 1) node.inputs.push(text.decode(bytes));
    else if (number === 2) node.outputs.push(text.decode(bytes));
    else if (number === 3) node.name = text.decode(bytes);
    else if (number === 4) node.op = text.decode(bytes);
    else if (number === 5) {
      let name = '';
      for (const field of fieldsOf(bytes)) {
        if (field.number === 1) name = text.decode(field.bytes);
        else if (field.number === 2) {
          node.floats.set(name, new DataView(field.bytes.buffer, field.bytes.byteOffset).getFloat32(0, true));
        } else if (field.number === 3) node.integers.set(name, field.value);
        else if (field.number === 5) node.tensors.set(name, readTensor(field.bytes, external));
      }
    }
  }
  return node;
}

/**
 * Reads the graph of an ONNX file: nodes, weights, names of inputs and outputs.
 * @param external files of external data, by name
 * @throws EmbedError `invalid-model` when the file is damaged or cut short.
 */
export function readOnnx(file: Uint8Array, external: Record<string, Uint8Array> = {}): OnnxGraph {
  const graph: OnnxGraph = { nodes: [], initializers: new Map(), inputs: [], outputs: [] };
  // A plain array over the same bytes: in Node, `slice` of a Buffer does not copy.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  for (const part of fieldsOf(bytes)) {
    if (part.number !== 7) continue;
    for (const { number, bytes } of fieldsOf(part.bytes)) {
      if (number === 1) graph.nodes.push(readNode(bytes, external));
      else if (number === 5) {
        const tensor = readTensor(bytes, external);
        graph.initializers.set(tensor.name, tensor);
      } else if (number === 11 || number === 12) {
        const name = [...fieldsOf(bytes)].find((field) => field.number === 1);
        if (name) (number === 11 ? graph.inputs : graph.outputs).push(text.decode(name.bytes));
      }
    }
  }
  if (graph.nodes.length === 0) throw new EmbedError('invalid-model', 'The file holds no ONNX graph.');
  return graph;
}
