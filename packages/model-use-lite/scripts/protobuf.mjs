// The little of protocol buffers that writing an ONNX file takes: varints and length-delimited fields.

/** Bytes of an unsigned varint. */
export function varint(value) {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** An integer field. */
export function integer(field, value) {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

/** A float field. */
export function float(field, value) {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | 5), bytes]);
}

/** Bytes, a string or a message, with their length before them. */
export function delimited(field, value) {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}
