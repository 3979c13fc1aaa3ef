/**
 * The k best of a stream of scores, in a binary heap whose root is the worst kept. Equal scores are
 * ordered by `before` (a tie-breaker that does not depend on the order of arrival).
 */
export class TopK {
  readonly #items: Int32Array;
  readonly #scores: Float64Array;
  readonly #before: (a: number, b: number) => boolean;
  #count = 0;

  constructor(k: number, before: (a: number, b: number) => boolean = (a, b) => a < b) {
    this.#items = new Int32Array(k);
    this.#scores = new Float64Array(k);
    this.#before = before;
  }

  /** Nothing at or below this can get in, ties apart. -Infinity while there is room. */
  get threshold(): number {
    return this.#count < this.#items.length
      ? -Infinity
      : this.#scores.length === 0
        ? Infinity
        : this.#scores[0]!;
  }

  push(item: number, score: number): void {
    if (this.#count < this.#items.length) {
      this.#up(this.#count++, item, score);
      return;
    }
    if (this.#items.length === 0 || !this.#worse(this.#items[0]!, this.#scores[0]!, item, score)) return;
    this.#down(item, score);
  }

  /** Best first. Empties the heap. */
  sorted(): { items: Int32Array; scores: Float64Array } {
    const items = new Int32Array(this.#count);
    const scores = new Float64Array(this.#count);
    while (this.#count > 0) {
      const last = --this.#count;
      items[last] = this.#items[0]!;
      scores[last] = this.#scores[0]!;
      if (last > 0) this.#down(this.#items[last]!, this.#scores[last]!);
    }
    return { items, scores };
  }

  #worse(a: number, aScore: number, b: number, bScore: number): boolean {
    return aScore === bScore ? this.#before(b, a) : aScore < bScore;
  }

  #up(at: number, item: number, score: number): void {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#worse(item, score, this.#items[parent]!, this.#scores[parent]!)) break;
      this.#items[at] = this.#items[parent]!;
      this.#scores[at] = this.#scores[parent]!;
      at = parent;
    }
    this.#items[at] = item;
    this.#scores[at] = score;
  }

  #down(item: number, score: number): void {
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.#count) break;
      const right = child + 1;
      if (
        right < this.#count &&
        this.#worse(this.#items[right]!, this.#scores[right]!, this.#items[child]!, this.#scores[child]!)
      )
        child = right;
      if (!this.#worse(this.#items[child]!, this.#scores[child]!, item, score)) break;
      this.#items[at] = this.#items[child]!;
      this.#scores[at] = this.#scores[child]!;
      at = child;
    }
    this.#items[at] = item;
    this.#scores[at] = score;
  }
}
