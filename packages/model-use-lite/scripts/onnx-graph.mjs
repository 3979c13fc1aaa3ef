// Builds an ONNX graph node by node and serialises it (onnx.proto3, IR version 8, opset 17).
import { delimited, float, integer } from './protobuf.mjs';

const TYPES = { float32: 1, uint8: 2, int8: 3, int64: 7 };
const ARRAYS = { float32: Float32Array, uint8: Uint8Array, int8: Int8Array, int64: BigInt64Array };
const ATTRIBUTE = { float: 1, int: 2, ints: 7 };

export class OnnxGraph {
  #nodes = [];
  #initializers = [];
  #inputs = [];
  #outputs = [];
  #counter = 0;
  #names = new Set();

  /** A tensor that comes from outside; its shape may name dimensions. */
  input(name, type, shape) {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  output(name, type, shape) {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** A constant; a name that is there already is used again. `values` is an array of numbers or a typed array. */
  constant(name, type, shape, values) {
    if (this.#names.has(name)) return name;
    this.#names.add(name);
    const array = values instanceof ARRAYS[type] ? values : ARRAYS[type].from(values);
    const raw = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    this.#initializers.push(
      Buffer.concat([
        ...shape.map((size) => integer(1, size)),
        integer(2, TYPES[type]),
        delimited(8, name),
        delimited(9, raw),
      ]),
    );
    return name;
  }

  /** Adds a node and gives the name of its output, or the names when it has several. */
  node(operator, inputs, attributes = {}, outputs = 1) {
    const prefix = `${operator}_${this.#counter++}`;
    const names = Array.isArray(outputs)
      ? outputs
      : Array.from({ length: outputs }, (_, i) => (outputs === 1 ? prefix : `${prefix}_${i}`));
    this.#nodes.push(
      Buffer.concat([
        ...inputs.map((name) => delimited(1, name)),
        ...names.map((name) => delimited(2, name)),
        delimited(3, prefix),
        delimited(4, operator),
        ...Object.entries(attributes).map(([name, value]) => delimited(5, attribute(name, value))),
      ]),
    );
    return names.length === 1 ? names[0] : names;
  }

  serialize(name) {
    const graph = Buffer.concat([
      ...this.#nodes.map((node) => delimited(1, node)),
      delimited(2, name),
      ...this.#initializers.map((tensor) => delimited(5, tensor)),
      ...this.#inputs.map((info) => delimited(11, info)),
      ...this.#outputs.map((info) => delimited(12, info)),
    ]);
    const opset = Buffer.concat([delimited(1, ''), integer(2, 17)]);
    return Buffer.concat([integer(1, 8), delimited(2, 'burrow'), delimited(7, graph), delimited(8, opset)]);
  }
}

function valueInfo(name, type, shape) {
  const dimensions = shape.map((size) =>
    delimited(1, typeof size === 'string' ? delimited(2, size) : integer(1, size)),
  );
  const tensor = Buffer.concat([integer(1, TYPES[type]), delimited(2, Buffer.concat(dimensions))]);
  return Buffer.concat([delimited(1, name), delimited(2, delimited(1, tensor))]);
}

/** Lists are integers, `{ float }` is a float, other numbers are integers. */
function attribute(name, value) {
  const head = delimited(1, name);
  if (Array.isArray(value))
    return Buffer.concat([head, ...value.map((v) => integer(8, v)), integer(20, ATTRIBUTE.ints)]);
  if (typeof value === 'object')
    return Buffer.concat([head, float(2, value.float), integer(20, ATTRIBUTE.float)]);
  return Buffer.concat([head, integer(3, value), integer(20, ATTRIBUTE.int)]);
}
