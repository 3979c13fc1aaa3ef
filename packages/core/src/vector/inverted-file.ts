import { grown } from '../bytes/grow.ts';
import type { Metric } from '../types.ts';
import { type Block, createBlock } from './block.ts';
import { highest, kMeans, normalise } from './k-means.ts';
import { TopK } from './top-k.ts';

/** Lists in a group: a scan of a block starts at a multiple of 32. */
const GROUP = 32;
/** Vectors in a list when a group is made. */
const LIST_SIZE = 96;
/** A group with more vectors than this is split into two. */
const LARGEST_GROUP = GROUP * LIST_SIZE * 2;
/** Vectors that a centre is worked out from. */
const SAMPLE_OF_LIST = 48;
/** Groups in which the list of a new vector is looked for. */
const GROUPS_TRIED = 4;
/** Slots that are in no list. */
const NONE = 0xffff;

/** Where the vectors come from: those of the index, as they are kept. */
export interface Rows {
  slots(): number;
  /** Whether the slot holds a vector. */
  holds(slot: number): boolean;
  row(slot: number): Float32Array;
}

export interface InvertedFileArrays {
  /** One for each group, and one for each list; groups of 32 lists. */
  groupCentres: Float32Array;
  listCentres: Float32Array;
  /** Slot → list, 65,535 for none. */
  listOf: Uint16Array;
}

/**
 * Which vectors are near which: an inverted file (Jégou, Douze and Schmid, Product Quantization for Nearest Neighbor
 * Search, 2011) in two levels, groups of 32 lists. Each vector is in the list of its nearest centre; a search looks into
 * the lists whose centres are nearest to the query. Groups that have grown too large are split, so there is no rebuilding.
 */
export class InvertedFile {
  readonly #dimensions: number;
  readonly #metric: Metric;
  readonly #groups: Block;
  readonly #centres: Block;
  #lists: Int32Array[] = [];
  #sizes: number[] = [];
  #listOf: Uint16Array = new Uint16Array(0);

  constructor(dimensions: number, metric: Metric) {
    this.#dimensions = dimensions;
    this.#metric = metric;
    this.#groups = createBlock(dimensions, 'f32', metric);
    this.#centres = createBlock(dimensions, 'f32', metric);
  }

  /** An inverted file over all vectors there are. */
  static over(rows: Rows, dimensions: number, metric: Metric): InvertedFile {
    const file = new InvertedFile(dimensions, metric);
    const slots: number[] = [];
    for (let slot = 0; slot < rows.slots(); slot++) if (rows.holds(slot)) slots.push(slot);
    file.#divide(slots, Math.max(1, Math.round(slots.length / (GROUP * LIST_SIZE))), rows, undefined);
    return file;
  }

  get lists(): number {
    return this.#lists.length;
  }

  get bytes(): number {
    const lists = this.#lists.reduce((sum, list) => sum + list.byteLength, 0);
    return this.#groups.byteLength + this.#centres.byteLength + this.#listOf.byteLength + lists;
  }

  /** Enters a new vector; splits its group where that is due. */
  add(slot: number, vector: Float32Array, rows: Rows): void {
    const list = this.#nearestList(vector);
    this.#put(slot, list);
    const group = Math.floor(list / GROUP);
    if (this.#groupSize(group) > LARGEST_GROUP && this.#lists.length + GROUP < NONE) this.#split(group, rows);
  }

  remove(slot: number): void {
    const list = this.#listOf[slot]!;
    if (list === NONE) return;
    const slots = this.#lists[list]!;
    const last = --this.#sizes[list]!;
    slots[slots.indexOf(slot)] = slots[last]!;
    this.#listOf[slot] = NONE;
  }

  /**
   * The slots in the lists nearest to the query, list after list, as a bitmap, until `enough` were taken.
   *
   * @param allowed which slots count; all by default
   */
  near(query: Float32Array, enough: number, allowed?: (slot: number) => boolean): Uint32Array {
    const bitmap = new Uint32Array((this.#listOf.length + 31) >>> 5);
    const scores = this.#centres.scores(query);
    let taken = 0;
    // Mostly the first part of the order is enough, and it costs a fraction of the whole.
    for (let part = 64, from = 0; from < scores.length && taken < enough; from = part, part *= 8) {
      const order = best(scores, part);
      for (let at = from; at < order.length && taken < enough; at++) {
        const list = order[at]!;
        const slots = this.#lists[list]!;
        for (let i = 0; i < this.#sizes[list]!; i++) {
          const slot = slots[i]!;
          if (allowed !== undefined && !allowed(slot)) continue;
          bitmap[slot >>> 5]! |= 1 << (slot & 31);
          taken++;
        }
      }
    }
    return bitmap;
  }

  arrays(slots: number): InvertedFileArrays {
    const listOf = new Uint16Array(slots).fill(NONE);
    listOf.set(this.#listOf.subarray(0, slots));
    return { groupCentres: rowsOf(this.#groups), listCentres: rowsOf(this.#centres), listOf };
  }

  /** Opens what `arrays` gave. Throws a `RangeError` where it does not fit together or to the vectors. */
  static from(arrays: InvertedFileArrays, rows: Rows, dimensions: number, metric: Metric): InvertedFile {
    const { groupCentres, listCentres, listOf } = arrays;
    const lists = listCentres.length / dimensions;
    if (
      groupCentres.length * GROUP !== listCentres.length ||
      !Number.isInteger(lists) ||
      listOf.length !== rows.slots()
    )
      throw new RangeError('the lists of near vectors do not fit together');
    const file = new InvertedFile(dimensions, metric);
    fill(file.#groups, groupCentres, dimensions);
    fill(file.#centres, listCentres, dimensions);
    file.#grow(lists);
    listOf.forEach((list, slot) => {
      if ((list !== NONE) !== rows.holds(slot) || (list !== NONE && list >= lists))
        throw new RangeError('a vector is in no list, or in one that is not there');
      if (list !== NONE) file.#put(slot, list);
    });
    return file;
  }

  dispose(): void {
    this.#groups.dispose();
    this.#centres.dispose();
    this.#lists = [];
    this.#sizes = [];
  }

  #grow(lists: number): void {
    while (this.#lists.length < lists) {
      this.#lists.push(new Int32Array(0));
      this.#sizes.push(0);
    }
  }

  #put(slot: number, list: number): void {
    if (slot >= this.#listOf.length) {
      const before = this.#listOf.length;
      this.#listOf = grown(this.#listOf, slot + 1);
      this.#listOf.fill(NONE, before);
    }
    this.#listOf[slot] = list;
    const size = this.#sizes[list]!++;
    this.#lists[list] = grown(this.#lists[list]!, size + 1);
    this.#lists[list]![size] = slot;
  }

  #groupSize(group: number): number {
    let size = 0;
    for (let list = group * GROUP; list < (group + 1) * GROUP; list++) size += this.#sizes[list]!;
    return size;
  }

  #nearestList(vector: Float32Array): number {
    const near = best(this.#groups.scores(vector, { metric: this.#assignedBy }), GROUPS_TRIED);
    return this.#nearestIn(vector, near);
  }

  #nearestIn(vector: Float32Array, groups: ArrayLike<number>): number {
    let list = 0;
    let most = -Infinity;
    for (let i = 0; i < groups.length; i++) {
      const from = groups[i]! * GROUP;
      const scores = this.#centres.scores(vector, { metric: this.#assignedBy, from, to: from + GROUP });
      const at = highest(scores);
      if (scores[at]! <= most) continue;
      most = scores[at]!;
      list = from + at;
    }
    return list;
  }

  /** Lists are made by distance whatever the metric; long vectors would else draw all others to them. */
  get #assignedBy(): Metric {
    return this.#metric === 'cosine' ? 'cosine' : 'euclidean';
  }

  #split(group: number, rows: Rows): void {
    const slots: number[] = [];
    for (let list = group * GROUP; list < (group + 1) * GROUP; list++) {
      for (let i = 0; i < this.#sizes[list]!; i++) slots.push(this.#lists[list]![i]!);
      this.#sizes[list] = 0;
      this.#lists[list] = new Int32Array(0);
    }
    this.#divide(slots, 2, rows, group);
  }

  /** Makes `count` groups of some vectors; the first takes the place of `replaced`. */
  #divide(slots: number[], count: number, rows: Rows, replaced: number | undefined): void {
    const dimensions = this.#dimensions;
    const groups = kMeans(this.#sample(slots, count * GROUP * 8, rows), dimensions, count, this.#spherical);
    const block = createBlock(dimensions, 'f32', this.#metric);
    fill(block, groups, dimensions);
    const members = Array.from({ length: count }, (): number[] => []);
    for (const slot of slots)
      members[highest(block.scores(this.#row(slot, rows), { metric: this.#assignedBy }))]!.push(slot);
    block.dispose();
    members.forEach((own, at) => {
      const centres = kMeans(
        this.#sample(own, GROUP * SAMPLE_OF_LIST, rows),
        dimensions,
        GROUP,
        this.#spherical,
      );
      const number = at === 0 && replaced !== undefined ? replaced : this.#groups.slots;
      place(this.#groups, number, groups.subarray(at * dimensions, (at + 1) * dimensions));
      for (let i = 0; i < GROUP; i++)
        place(this.#centres, number * GROUP + i, centres.subarray(i * dimensions, (i + 1) * dimensions));
    });
    this.#grow(this.#centres.slots);
    members.forEach((own) => {
      for (const slot of own) this.#put(slot, this.#nearestList(this.#row(slot, rows)));
    });
  }

  get #spherical(): boolean {
    return this.#metric === 'cosine';
  }

  #sample(slots: number[], count: number, rows: Rows): Float32Array {
    const taken = Math.min(count, slots.length);
    const sample = new Float32Array(taken * this.#dimensions);
    for (let i = 0; i < taken; i++) {
      const slot = slots[Math.floor((i * slots.length) / taken)]!;
      sample.set(this.#row(slot, rows), i * this.#dimensions);
    }
    return sample;
  }

  #row(slot: number, rows: Rows): Float32Array {
    const row = rows.row(slot);
    if (this.#spherical) normalise(row); // rounded vectors are a little off
    return row;
  }
}

/** The places of the highest scores, best first. */
function best(scores: Float32Array, count: number): Int32Array {
  const top = new TopK(Math.min(count, scores.length));
  let { threshold } = top;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i]! <= threshold) continue;
    top.push(i, scores[i]!);
    threshold = top.threshold;
  }
  return top.sorted().items;
}

function rowsOf(block: Block): Float32Array {
  const parts = Array.from({ length: block.slots }, (_, slot) => block.get(slot));
  const rows = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.forEach((part, at) => rows.set(part, at * part.length));
  return rows;
}

function fill(block: Block, rows: Float32Array, dimensions: number): void {
  for (let at = 0; at < rows.length; at += dimensions) block.add(rows.subarray(at, at + dimensions));
}

function place(block: Block, slot: number, vector: Float32Array): void {
  if (slot < block.slots) block.set(slot, vector);
  else block.add(vector);
}
