import { codeBytes, createTunedKernels, type Kernels, type Linear } from '@burrow/kernels';
import { EmbedError } from '../errors.ts';
import { pool } from '../pooling.ts';
import type { Pooling } from '../types.ts';
import { attendsInCodes, BLOCK, type Buffers, reserveBuffers } from './buffers.ts';
import { lookUp } from './look-up.ts';
import type { PackedLayer, PackedModel, PackedNorm } from './pack.ts';

/** Tokens that go through all layers together: enough to read weights seldom, few enough to stay in the cache. */
const PACK_TOKENS = 512;

/** What one of several threads does of a pass over the same texts: some of the rows, meeting the others in between. */
export interface Share {
  /** First row. */
  begin: number;
  /** One beyond the last row. */
  end: number;
  /** Returns when all threads have come so far. */
  meet(): void;
}

/** Where the rows of all threads of a pass are. */
export type SharedRows = Pick<Buffers, 'x' | 'other' | 'qkv'>;

/**
 * Runs a packed model. Texts are laid end to end without padding: each token is one row of every matrix product, and
 * attention is done text by text. One encoder serves one thread; several may share the memory of a model.
 */
export class Encoder {
  readonly model: PackedModel;
  readonly #kernels: Kernels;
  readonly #pooling: Exclude<Pooling, 'graph'>;
  #buffers: Buffers | undefined;

  constructor(model: PackedModel, pooling: Pooling) {
    this.model = model;
    this.#pooling = pooling === 'graph' ? 'mean' : pooling;
    this.#kernels = createTunedKernels({ engine: model.engine, memory: model.memory });
  }

  /**
   * One vector for each text, row after row, not normalised.
   * @param texts token ids of each, special tokens included
   * @throws EmbedError `invalid-argument` for an empty text, an unknown id, or a text longer than the positions.
   */
  embed(texts: readonly Int32Array[]): Float32Array {
    const { dimensions } = this.model;
    const out = new Float32Array(texts.length * dimensions);
    for (let start = 0; start < texts.length;) {
      let end = start;
      let tokens = 0;
      do tokens += this.#check(texts[end++]!);
      while (end < texts.length && tokens + texts[end]!.length <= PACK_TOKENS);
      const share = { begin: 0, end: tokens, meet: () => undefined };
      const some = texts.slice(start, end);
      this.#run(some, this.#reserve(tokens), share, out.subarray(start * dimensions, end * dimensions));
      start = end;
    }
    return out;
  }

  /**
   * Embeds texts together with other threads, who call `assist` at the same time.
   * @param share this thread's rows
   * @param invite called with where the rows of all are, for the others
   */
  embedTogether(
    texts: readonly Int32Array[],
    share: Share,
    invite: (rows: SharedRows) => void,
  ): Float32Array {
    const tokens = texts.reduce((sum, ids) => sum + this.#check(ids), 0);
    const buffers = this.#reserve(tokens);
    const { x, other, qkv } = buffers;
    invite({ x, other, qkv });
    const out = new Float32Array(texts.length * this.model.dimensions);
    this.#run(texts, buffers, share, out);
    return out;
  }

  /** Does one thread's rows of what another thread embeds. */
  assist(texts: readonly Int32Array[], share: Share, rows: SharedRows): void {
    const tokens = texts.reduce((sum, { length }) => sum + length, 0);
    this.#forward(texts, { ...this.#reserve(tokens), ...rows }, share);
  }

  #check(ids: Int32Array): number {
    const { word, maxTokens } = this.model;
    if (ids.length === 0 || ids.length > maxTokens) {
      throw new EmbedError(
        'invalid-argument',
        `A text has ${ids.length} tokens; the model takes 1 to ${maxTokens}.`,
      );
    }
    for (const id of ids) {
      if (!(id >= 0 && id < word.rows))
        throw new EmbedError('invalid-argument', `Token ${id} is not in the model's vocabulary.`);
    }
    return ids.length;
  }

  #run(texts: readonly Int32Array[], buffers: Buffers, share: Share, out: Float32Array): void {
    const { exports } = this.#kernels;
    const { x, width } = this.#forward(texts, buffers, share);
    this.#pool(texts, x, width, buffers.pooled);
    const rows = texts.length;
    const { head } = this.model;
    let from = buffers.pooled;
    if (head) {
      from = buffers.wide;
      for (let row = 0; row < rows; row += BLOCK) {
        const count = Math.min(BLOCK, rows - row);
        const at = buffers.pooled + row * width;
        this.#multiply(
          head.linear,
          this.#feed(head.linear, 0, at, 0, width, count, buffers),
          width,
          count,
          0,
          0,
          from,
          head.linear.outputs * 4,
          buffers,
        );
        exports.activateRows(head.activation, from, 0, head.linear.outputs * 4, count, head.linear.outputs);
        out.set(this.#floats(from, count * head.linear.outputs), row * head.linear.outputs);
      }
    } else out.set(this.#floats(from, out.length));
  }

  /** All layers, of one thread's rows. Returns where the hidden states are, all of them, and bytes of a row. */
  #forward(texts: readonly Int32Array[], buffers: Buffers, share: Share): { x: number; width: number } {
    const { norm0, layers, word } = this.model;
    const { begin, end } = share;
    lookUp(this.model, texts, buffers.x, begin, end);
    let width = word.width * 4;
    const first = buffers.x + begin * width;
    if (norm0) this.#norm(norm0, first, width, end - begin, first);
    let [x, other] = [buffers.x, buffers.other];
    for (const layer of layers) {
      this.#project(layer, x, width, share, buffers);
      // Attention reads keys and values of every row.
      share.meet();
      this.#attend(layer, texts, share, buffers);
      const target = layer.residual ? other : x;
      for (let row = begin; row < end; row += BLOCK) {
        this.#finish(layer, x, width, target, row, Math.min(BLOCK, end - row), buffers);
      }
      if (layer.residual) [x, other] = [other, x];
      width = layer.output.outputs * 4;
      // Until all have read them, keys and values must stay.
      share.meet();
    }
    return { x, width };
  }

  /** Queries, keys and values of every token. */
  #project(layer: PackedLayer, x: number, width: number, { begin, end }: Share, buffers: Buffers): void {
    const stride = 3 * layer.output.inputs * 4;
    for (let row = begin; row < end; row += BLOCK) {
      const rows = Math.min(BLOCK, end - row);
      let from = x + row * width;
      if (this.model.norm === 'pre') {
        this.#norm(layer.norm1, from, width, rows, buffers.normal);
        from = buffers.normal;
      }
      const fed = this.#feed(layer.qkv[0]!, 0, from, 0, width, rows, buffers);
      let out = buffers.qkv + row * stride;
      for (const part of layer.qkv) {
        this.#multiply(part, fed, width, rows, 0, 0, out, stride, buffers);
        out += part.outputs * 4;
      }
    }
  }

  #attend(layer: PackedLayer, texts: readonly Int32Array[], { begin, end }: Share, buffers: Buffers): void {
    const width = layer.output.inputs;
    const stride = 3 * width * 4;
    const { exports } = this.#kernels;
    const attend = attendsInCodes(this.model) ? exports.attentionInt8 : exports.attention;
    let row = 0;
    for (const { length } of texts) {
      const q = buffers.qkv + row * stride;
      const from = Math.max(0, begin - row);
      const to = Math.min(length, end - row);
      if (from < to)
        attend(
          q,
          q + width * 4,
          q + width * 8,
          stride,
          length,
          from,
          to,
          layer.heads,
          width / layer.heads,
          layer.scale,
          this.model.slopes,
          buffers.context + row * width * 4,
          width * 4,
          buffers.scratch,
        );
      row += length;
    }
  }

  /** Everything after attention, for a block of tokens. */
  #finish(
    layer: PackedLayer,
    x: number,
    width: number,
    target: number,
    row: number,
    rows: number,
    buffers: Buffers,
  ): void {
    const inner = layer.output.inputs * 4;
    const out = layer.output.outputs * 4;
    const to = target + row * out;
    const context = buffers.context + row * inner;
    let residual = x + row * width;
    if (layer.residual) {
      this.#multiply(layer.residual, residual, width, rows, 0, 0, to, out, buffers);
      residual = to;
    }
    this.#multiply(
      layer.output,
      this.#feed(layer.output, 0, context, 0, inner, rows, buffers),
      inner,
      rows,
      residual,
      out,
      to,
      out,
      buffers,
    );
    let from = to;
    if (this.model.norm === 'post') this.#norm(layer.norm1, to, out, rows, to);
    else {
      this.#norm(layer.norm2, to, out, rows, buffers.normal);
      from = buffers.normal;
    }
    const wide = layer.up.outputs * 4;
    this.#multiply(
      layer.up,
      this.#feed(layer.up, 0, from, 0, out, rows, buffers),
      out,
      rows,
      0,
      0,
      buffers.wide,
      wide,
      buffers,
    );
    const hidden = layer.gated ? buffers.wide + wide / 2 : buffers.wide;
    const fed = this.#feed(
      layer.down,
      layer.activation,
      hidden,
      layer.gated ? buffers.wide : 0,
      wide,
      rows,
      buffers,
    );
    this.#multiply(layer.down, fed, wide, rows, to, out, to, out, buffers);
    if (this.model.norm === 'post') this.#norm(layer.norm2, to, out, rows, to);
  }

  #pool(texts: readonly Int32Array[], x: number, width: number, out: number): void {
    const { exports } = this.#kernels;
    const n = width / 4;
    let from = x;
    for (const { length } of texts) {
      if (this.#pooling === 'mean') exports.poolMean(from, width, length, n, out);
      else if (this.#pooling === 'max') exports.poolMax(from, width, length, n, out);
      else this.#floats(out, n).set(pool(this.#pooling, this.#floats(from, length * n), [length], length, n));
      from += length * width;
      out += width;
    }
  }

  #norm({ weight, bias, epsilon }: PackedNorm, x: number, width: number, rows: number, out: number): void {
    this.#kernels.exports.layerNormRows(x, width, rows, width / 4, weight, bias, epsilon, out, width);
  }

  /** Activates rows and, in int8, turns them into codes. Returns where a product in f32 reads them. */
  #feed(
    linear: Linear,
    activation: number,
    x: number,
    gate: number,
    stride: number,
    rows: number,
    buffers: Buffers,
  ): number {
    const { exports } = this.#kernels;
    if (linear.precision === 'f32') {
      if (activation || gate) exports.activateRows(activation, x, gate, stride, rows, linear.inputs);
    } else {
      const quantise = linear.precision === 'int8-fine' ? exports.quantiseRowsFine : exports.quantiseRows;
      quantise(
        activation,
        x,
        gate,
        stride,
        rows,
        linear.inputs,
        linear.paddedInputs,
        buffers.codes,
        buffers.scales,
        buffers.zeros,
      );
    }
    return x;
  }

  #multiply(
    linear: Linear,
    fed: number,
    stride: number,
    rows: number,
    residual: number,
    residualStride: number,
    out: number,
    outStride: number,
    buffers: Buffers,
  ): void {
    const { exports } = this.#kernels;
    if (linear.precision === 'f32') {
      exports.gemmFloat(linear.pointer, fed, stride, rows, residual, residualStride, out, outStride);
      return;
    }
    const { codes, scales, zeros } = buffers;
    exports.gemmInt8(linear.pointer, codes, scales, zeros, rows, residual, residualStride, out, outStride);
    if (linear.precision === 'int8') return;
    const low = codes + rows * linear.paddedInputs * codeBytes(this.model.engine);
    exports.gemmInt8(
      linear.low,
      low,
      scales + rows * 4,
      zeros + rows * 4,
      rows,
      out,
      outStride,
      out,
      outStride,
    );
  }

  #floats(pointer: number, length: number): Float32Array {
    return new Float32Array(this.model.memory.buffer, pointer, length);
  }

  /** Room for so many tokens; kept for the next call. */
  #reserve(tokens: number): Buffers {
    if (!this.#buffers || this.#buffers.tokens < tokens)
      this.#buffers = reserveBuffers(this.model, this.#kernels, Math.max(PACK_TOKENS, tokens));
    return this.#buffers;
  }
}
