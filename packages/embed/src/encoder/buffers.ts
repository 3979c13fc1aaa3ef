import { Arena, codeBytes, type Kernels } from '@burrow/kernels';
import { CLAIMED, type PackedModel } from './pack.ts';

/** Rows that go through the layers of a token together; their 4-fold widened form must fit the second-level cache. */
export const BLOCK = 48;
const PAGE = 65536;

/** Where the activations are, for texts of up to `tokens` tokens in all. */
export interface Buffers {
  tokens: number;
  /** Hidden states, two of them where a layer changes their width. */
  x: number;
  other: number;
  qkv: number;
  context: number;
  /** Of one block: normalised rows, widened rows, codes with scales and zero points. */
  normal: number;
  wide: number;
  codes: number;
  scales: number;
  zeros: number;
  scratch: number;
  pooled: number;
}

/** Whether attention, too, is in 8 bits. */
export function attendsInCodes({ precision, engine, norm }: PackedModel): boolean {
  return precision === 'int8' && engine === 'relaxed' && norm === 'post';
}

/** Takes pages of the model's memory for the activations of so many tokens; other threads take theirs likewise. */
export function reserveBuffers(model: PackedModel, kernels: Kernels, tokens: number): Buffers {
  const { layers, word, engine, memory } = model;
  const width = layers.reduce(
    (most, { output }) => Math.max(most, output.inputs, output.outputs),
    word.width,
  );
  const wide = layers.reduce((most, { up }) => Math.max(most, up.outputs), width);
  const { attentionScratch, attentionInt8Scratch } = kernels.exports;
  const bytesFor = attendsInCodes(model) ? attentionInt8Scratch : attentionScratch;
  const scratch = layers.reduce(
    (most, { output, heads }) => Math.max(most, bytesFor(tokens, output.inputs / heads)),
    0,
  );
  const fine = layers.some(({ qkv }) => qkv.some(({ precision }) => precision === 'int8-fine'));
  const passes = fine ? 2 : 1;
  const sizes = {
    x: tokens * width * 4,
    other: layers.some(({ residual }) => residual) ? tokens * width * 4 : 0,
    qkv: tokens * width * 12,
    context: tokens * width * 4,
    normal: BLOCK * width * 4,
    wide: BLOCK * wide * 4,
    codes: passes * BLOCK * (Math.max(wide, width) + 16) * codeBytes(engine),
    scales: passes * BLOCK * 4,
    zeros: passes * BLOCK * 4,
    scratch,
    pooled: tokens * width * 4,
  };
  const bytes = Object.values(sizes).reduce((sum, size) => sum + size + 64, 0);
  const pages = Math.ceil(bytes / PAGE);
  const first = Atomics.add(new Int32Array(memory.buffer, CLAIMED, 1), 0, pages);
  const arena = new Arena(kernels, first * PAGE, (first + pages) * PAGE);
  const buffers = { tokens } as Buffers;
  for (const [name, size] of Object.entries(sizes) as [Exclude<keyof Buffers, 'tokens'>, number][])
    buffers[name] = arena.allocate(size);
  return buffers;
}
