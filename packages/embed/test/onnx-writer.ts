// Writes ONNX files (onnx.proto3, IR version 8, opset 17): as much as small test graphs need.

const TYPES = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;
export type ElementType = keyof typeof TYPES;
type Attribute = number | number[] | { float: number };

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    const low = Number(rest & 127n);
    if (rest < 128n) return Buffer.from([...bytes, low]);
    bytes.push(low | 128);
  }
}

const integer = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);

function delimited(field: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as Buffer);
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | 5), bytes]);
}

function attribute(name: string, value: Attribute): Buffer {
  const head = delimited(1, name);
  if (Array.isArray(value)) return Buffer.concat([head, ...value.map((v) => integer(8, v)), integer(20, 7)]);
  if (typeof value === 'object') return Buffer.concat([head, float(2, value.float), integer(20, 1)]);
  return Buffer.concat([head, integer(3, value), integer(20, 2)]);
}

function valueInfo(name: string, type: ElementType, shape: (number | string)[]): Buffer {
  const dimensions = shape.map((size) =>
    delimited(1, typeof size === 'string' ? delimited(2, size) : integer(1, size)),
  );
  const tensor = Buffer.concat([integer(1, TYPES[type]), delimited(2, Buffer.concat(dimensions))]);
  return Buffer.concat([delimited(1, name), delimited(2, delimited(1, tensor))]);
}

/** A number as IEEE 754 half precision, rounded. */
function toHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude === 0) return sign;
  let exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  let mantissa = Math.round((magnitude / 2 ** exponent) * 1024);
  if (mantissa === 2048) [exponent, mantissa] = [exponent + 1, 1024];
  return sign | (mantissa < 1024 ? mantissa : ((exponent + 15) << 10) | (mantissa - 1024));
}

function encode(type: ElementType, values: ArrayLike<number>): Buffer {
  const array = Array.from(values);
  switch (type) {
    case 'float':
      return Buffer.from(Float32Array.from(array).buffer);
    case 'float16':
      return Buffer.from(Uint16Array.from(array, toHalf).buffer);
    case 'int64':
      return Buffer.from(BigInt64Array.from(array, BigInt).buffer);
    case 'int32':
      return Buffer.from(Int32Array.from(array).buffer);
    default:
      return Buffer.from(Int8Array.from(array).buffer);
  }
}

export class OnnxWriter {
  private readonly parts: Buffer[] = [];
  private count = 0;

  /** A weight or a constant; gives its name. */
  constant(name: string, type: ElementType, dims: number[], values: ArrayLike<number>): string {
    const tensor = [...dims.map((size) => integer(1, size)), integer(2, TYPES[type]), delimited(8, name)];
    this.parts.push(delimited(5, Buffer.concat([...tensor, delimited(9, encode(type, values))])));
    return name;
  }

  /** A node with one output; gives the output's name. */
  node(op: string, inputs: string[], attributes: Record<string, Attribute> = {}, output?: string): string {
    const name = output ?? `/${op}_${this.count++}_output_0`;
    const fields = [
      ...inputs.map((input) => delimited(1, input)),
      delimited(2, name),
      delimited(3, `/${op}_${this.count}`),
      delimited(4, op),
      ...Object.entries(attributes).map(([key, value]) => delimited(5, attribute(key, value))),
    ];
    this.parts.push(delimited(1, Buffer.concat(fields)));
    return name;
  }

  /** Numbers of a type in `Cast`. */
  static type(type: ElementType): number {
    return TYPES[type];
  }

  bytes(inputs: string[], output: string, width: number): Uint8Array {
    const graph = Buffer.concat([
      ...this.parts,
      delimited(2, 'test'),
      ...inputs.map((name) => delimited(11, valueInfo(name, 'int64', ['batch', 'sequence']))),
      delimited(12, valueInfo(output, 'float', ['batch', 'sequence', width])),
    ]);
    const opset = Buffer.concat([delimited(1, ''), integer(2, 17)]);
    return new Uint8Array(Buffer.concat([integer(1, 8), delimited(7, graph), delimited(8, opset)]));
  }
}
