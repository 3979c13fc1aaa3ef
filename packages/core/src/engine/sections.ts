import { BytesError } from '../bytes/reader.ts';

export type ArrayName =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

const TYPES = [
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
] as const;
const MAGIC = 0x31435253; // "SRC1"
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Arrays in one section: mark, checksum, length of the directory, a JSON directory of
 * [name, type, offset, length], then the arrays, each at a multiple of 8 bytes, little-endian.
 * Reading makes views, not copies.
 */
export function packArrays(arrays: Record<string, ArrayName>): Uint8Array<ArrayBuffer> {
  const directory: [string, number, number, number][] = [];
  let offset = 0;
  for (const [name, array] of Object.entries(arrays)) {
    directory.push([name, TYPES.findIndex((type) => array instanceof type), offset, array.length]);
    offset += align(array.byteLength);
  }
  const json = encoder.encode(JSON.stringify(directory));
  const body = align(16 + json.length);
  const bytes = new Uint8Array(body + offset);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(8, json.length, true);
  bytes.set(json, 16);
  Object.values(arrays).forEach((array, i) => {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), body + directory[i]![2]);
  });
  view.setUint32(4, checksum(bytes), true);
  return bytes;
}

/** The arrays of a section as views. Throws `BytesError` on anything that is not as it was written. */
export function unpackArrays(section: Uint8Array, name: string): Record<string, ArrayName> {
  // Views need their alignment; a host may hand out a part of something larger.
  const bytes = section.byteOffset % 8 === 0 ? section : section.slice();
  if (bytes.length < 16) throw new BytesError(`the section "${name}" is too short`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC)
    throw new BytesError(`the section "${name}" does not start with its mark`);
  if (view.getUint32(4, true) !== checksum(bytes))
    throw new BytesError(`the checksum of the section "${name}" is wrong`);
  const length = view.getUint32(8, true);
  const directory = JSON.parse(decoder.decode(bytes.subarray(16, 16 + length))) as [
    string,
    number,
    number,
    number,
  ][];
  const body = align(16 + length);
  const arrays: Record<string, ArrayName> = Object.create(null) as Record<string, ArrayName>;
  for (const [key, type, offset, count] of directory) {
    const Type = TYPES[type];
    if (Type === undefined) throw new BytesError(`the section "${name}" holds an unknown kind of array`);
    arrays[key] = new Type(bytes.buffer as ArrayBuffer, bytes.byteOffset + body + offset, count);
  }
  return arrays;
}

function align(length: number): number {
  return (length + 7) & ~7;
}

/** A mix of all 32-bit words but the checksum itself: finds damage, at memory speed. */
function checksum(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 2; i + 1 < words.length; i += 2) {
    a = Math.imul(a ^ words[i]!, 0x01000193);
    b = Math.imul(b ^ words[i + 1]!, 0x27d4eb2f);
    b = (b << 13) | (b >>> 19);
  }
  for (let i = bytes.length & ~7; i < bytes.length; i++) a = Math.imul(a ^ bytes[i]!, 0x01000193);
  return (a ^ (b >>> 3) ^ bytes.length) >>> 0;
}
