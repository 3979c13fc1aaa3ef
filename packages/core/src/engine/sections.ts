import { BytesError } from '../bytes/reader.ts';
import { finish, type Steps } from '../bytes/steps.ts';

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
/** Bytes that are copied or mixed in one step. */
const STEP = 1 << 18;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Arrays in one section: mark, checksum, length of the directory, a JSON directory of
 * [name, type, offset, length], then the arrays, each at a multiple of 8 bytes, little-endian.
 * Reading makes views, not copies.
 */
export function packArrays(arrays: Record<string, ArrayName>): Uint8Array<ArrayBuffer> {
  return finish(packInSteps(arrays));
}

/** Like `packArrays`; the arrays must stay as they are until the last step. */
export function* packInSteps(arrays: Record<string, ArrayName>): Steps<Uint8Array<ArrayBuffer>> {
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
  let i = 0;
  for (const array of Object.values(arrays)) {
    const source = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const target = body + directory[i++]![2];
    for (let from = 0; from < source.length; from += STEP) {
      bytes.set(source.subarray(from, from + STEP), target + from);
      if (source.length > STEP) yield;
    }
  }
  view.setUint32(4, yield* checksum(bytes), true);
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
  if (view.getUint32(4, true) !== finish(checksum(bytes)))
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
function* checksum(bytes: Uint8Array): Steps<number> {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  const state = { a: 0x9e3779b9, b: 0x85ebca6b };
  for (let from = 2; from < words.length; from += STEP) {
    mix(state, words, from, Math.min(from + STEP, words.length));
    if (words.length > STEP) yield;
  }
  let { a } = state;
  const { b } = state;
  for (let i = bytes.length & ~7; i < bytes.length; i++) a = Math.imul(a ^ bytes[i]!, 0x01000193);
  return (a ^ (b >>> 3) ^ bytes.length) >>> 0;
}

/** Mixes the words of a range, two by two; in a function of its own, because generators are slow at loops. */
function mix(state: { a: number; b: number }, words: Uint32Array, from: number, to: number): void {
  let { a, b } = state;
  for (let i = from; i + 1 < to; i += 2) {
    a = Math.imul(a ^ words[i]!, 0x01000193);
    b = Math.imul(b ^ words[i + 1]!, 0x27d4eb2f);
    b = (b << 13) | (b >>> 19);
  }
  state.a = a;
  state.b = b;
}
