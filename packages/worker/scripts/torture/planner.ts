import { digest, makeDocument, markerOf } from './documents.ts';
import type { Operation, OperationKind, Task, TortureDocument } from './operations.ts';
import type { Oracle } from './oracle.ts';
import type { Random } from './random.ts';

/** Models that need nothing but this checkout; vectors of one cannot be compared with the other's. */
const MODELS = ['static-en', 'hash'] as const;
const FEWEST = 120;
const MOST = 400;

export interface Planned {
  operation: Operation;
  /** Documents by id and what they are afterwards, where it changes any. */
  contents: Map<string, string | undefined>;
}

/** Chooses what the tabs do, from a seed. */
export class Planner {
  readonly #random: Random;
  readonly #texts: readonly string[];
  readonly #oracle: Oracle;
  readonly #versions = new Map<number, number>();
  /** Words of versions that were replaced or removed, the newest last. */
  #gone: { id: string; word: string }[] = [];
  #lastId = 0;
  #number = 0;
  model: string = MODELS[0];

  constructor(random: Random, texts: readonly string[], oracle: Oracle) {
    this.#random = random;
    this.#texts = texts;
    this.#oracle = oracle;
  }

  verification(): Planned {
    // What is under way may be either; only what is settled is gone for certain.
    const gone = this.#gone.slice(-30).map(({ word }) => word);
    return this.#plan({ kind: 'verify', gone }, new Map());
  }

  /** The next operation, of any kind, or of one. Touches no document that another operation is at. */
  next(kind: OperationKind | undefined = undefined): Planned {
    const settled = this.#oracle.settled;
    const few = settled.length < FEWEST;
    const many = settled.length > MOST;
    const chosen =
      kind ??
      this.#random.weighted({
        add: many ? 0 : few ? 12 : 5,
        update: 4,
        remove: few ? 1 : many ? 8 : 3,
        query: 3,
        compact: 0.4,
        move: 0.4,
      });
    switch (chosen) {
      case 'add':
        return this.#write(
          'add',
          Array.from({ length: this.#random.whole(1, 40) }, () => ++this.#lastId),
        );
      case 'update':
        return this.#write('update', this.#some(settled, 20));
      case 'remove':
        return this.#remove(this.#some(settled, 12).map((id) => `doc-${id}`));
      case 'move':
        this.model = this.#random.pick(MODELS.filter((model) => model !== this.model));
        return this.#plan({ kind: 'move', model: this.model }, new Map());
      case 'query':
        return this.#plan({ kind: 'query', text: this.#random.pick(this.#texts).slice(200, 240) }, new Map());
      case 'compact':
        return this.#plan({ kind: 'compact' }, new Map());
      case 'verify':
        return this.verification();
    }
  }

  #write(kind: 'add' | 'update', ids: number[]): Planned {
    const documents: TortureDocument[] = ids.map((id) => {
      const version = (this.#versions.get(id) ?? 0) + 1;
      this.#versions.set(id, version);
      return makeDocument(this.#random, this.#texts, id, version);
    });
    return this.#plan(
      { kind, documents },
      new Map(documents.map((document) => [document.id, digest(document)])),
    );
  }

  #remove(ids: string[]): Planned {
    return this.#plan({ kind: 'remove', ids }, new Map(ids.map((id) => [id, undefined])));
  }

  /** After an acknowledged write: words of earlier versions must not be found any more. */
  noteGone({ operation }: Planned): void {
    const ids =
      operation.kind === 'update'
        ? operation.documents.map(({ id }) => id)
        : operation.kind === 'remove'
          ? operation.ids
          : [];
    for (const id of ids) {
      const number = Number(id.slice(4));
      const version = (this.#versions.get(number) ?? 1) - (operation.kind === 'update' ? 1 : 0);
      if (version > 0) this.#gone.push({ id, word: markerOf(number, version) });
    }
    this.#gone = this.#gone.slice(-200);
  }

  #plan(operation: Task, contents: Planned['contents']): Planned {
    const number = ++this.#number;
    return { operation: { ...operation, number } as Operation, contents };
  }

  /** Up to `most` different documents. */
  #some(ids: string[], most: number): number[] {
    const left = [...ids];
    const chosen: number[] = [];
    for (let count = Math.min(this.#random.whole(1, most), left.length); count > 0; count--) {
      const [id] = left.splice(this.#random.whole(0, left.length - 1), 1);
      chosen.push(Number(id!.slice(4)));
    }
    return chosen;
  }
}
