// The little of ONNX (onnx.proto3, IR version 8, opset 17) that a graph of a few operators needs.

type Bytes = number[];

function varint(value: number): Bytes {
  const bytes: Bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  bytes.push(value);
  return bytes;
}

const integer = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const delimited = (field: number, value: Bytes | string): Bytes => {
  const bytes = typeof value === 'string' ? [...new TextEncoder().encode(value)] : value;
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
};

/** Numbers of tensor types. */
export const TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6 } as const;
type TypeName = keyof typeof TYPE;

export interface OnnxNode {
  operator: string;
  inputs: string[];
  outputs: string[];
  /** Integer attributes. */
  attributes?: Record<string, number>;
}

export interface OnnxValue {
  name: string;
  type: TypeName;
  shape: number[];
}

/** A constant: weights, which a runtime may pack beforehand. */
export interface OnnxConstant extends OnnxValue {
  values: Float32Array | Int8Array;
}

/** A model of these nodes, as bytes. */
export function onnxModel(
  nodes: OnnxNode[],
  constants: OnnxConstant[],
  inputs: OnnxValue[],
  outputs: OnnxValue[],
): Uint8Array {
  const graph = [
    ...nodes.flatMap((node) => delimited(1, nodeBytes(node))),
    ...delimited(2, 'graph'),
    ...constants.flatMap((constant) => delimited(5, constantBytes(constant))),
    ...inputs.flatMap((value) => delimited(11, valueBytes(value))),
    ...outputs.flatMap((value) => delimited(12, valueBytes(value))),
  ];
  const opset = [...delimited(1, ''), ...integer(2, 17)];
  return Uint8Array.from([...integer(1, 8), ...delimited(7, graph), ...delimited(8, opset)]);
}

function nodeBytes({ operator, inputs, outputs, attributes = {} }: OnnxNode): Bytes {
  return [
    ...inputs.flatMap((name) => delimited(1, name)),
    ...outputs.flatMap((name) => delimited(2, name)),
    ...delimited(4, operator),
    ...Object.entries(attributes).flatMap(([name, value]) =>
      delimited(5, [...delimited(1, name), ...integer(3, value), ...integer(20, 2)]),
    ),
  ];
}

function constantBytes({ name, type, shape, values }: OnnxConstant): Bytes {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return [
    ...shape.flatMap((length) => integer(1, length)),
    ...integer(2, TYPE[type]),
    ...delimited(8, name),
    ...delimited(9, [...raw]),
  ];
}

function valueBytes({ name, type, shape }: OnnxValue): Bytes {
  const dimensions = shape.flatMap((length) => delimited(1, integer(1, length)));
  const tensor = [...integer(1, TYPE[type]), ...delimited(2, dimensions)];
  return [...delimited(1, name), ...delimited(2, delimited(1, tensor))];
}
