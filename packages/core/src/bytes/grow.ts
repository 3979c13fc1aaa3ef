type Numbers = Uint8Array | Int8Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/**
 * Makes room for `length` elements: the same array when it already has it, else a larger copy
 * (half as much again, so that appending stays linear in total).
 */
export function grown<A extends Numbers>(array: A, length: number): A {
  if (length <= array.length) return array;
  const Type = array.constructor as new (length: number) => A;
  const larger = new Type(Math.max(length, 16, array.length + (array.length >>> 1)));
  larger.set(array as never);
  return larger;
}
