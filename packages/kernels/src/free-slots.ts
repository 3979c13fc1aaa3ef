/** Slots that may be used again, the lowest first: a binary min-heap. */
export class FreeSlots {
  readonly #heap: number[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** Every free slot, in no order. */
  values(): readonly number[] {
    return this.#heap;
  }

  push(slot: number): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(slot);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]! <= slot) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = slot;
  }

  /** The lowest free slot. */
  pop(): number | undefined {
    const heap = this.#heap;
    const lowest = heap[0];
    const last = heap.pop();
    if (lowest === undefined || last === undefined || heap.length === 0) return lowest;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= last) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return lowest;
  }
}
