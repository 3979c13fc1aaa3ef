import type { Search } from '@burrow/worker';
import { createEffect, createSignal, on, type Accessor } from 'solid-js';
import { fieldsOf, type DocumentFields } from '../documents.ts';

const PAGE = 100;

export interface LibraryPrimitive {
  total: Accessor<number>;
  /** The document at a place, or undefined while its page is fetched. */
  at(index: number): DocumentFields | undefined;
}

/** All documents by page, fetched as they come into view. */
export function createLibrary(
  search: Accessor<Search | undefined>,
  revision: Accessor<unknown>,
): LibraryPrimitive {
  const [total, setTotal] = createSignal(0);
  const [pages, setPages] = createSignal<ReadonlyMap<number, DocumentFields[]>>(new Map());
  const asked = new Set<number>();
  let generation = 0;

  const fetchPage = async (engine: Search, page: number, current: number): Promise<void> => {
    asked.add(page);
    try {
      const { total: count, documents } = await engine.list({ offset: page * PAGE, limit: PAGE });
      if (current !== generation) return;
      setTotal(count);
      setPages((known) =>
        new Map(known).set(
          page,
          documents.map((document) => fieldsOf(document as { id: string })),
        ),
      );
    } catch {
      // Asked again when it comes into view again; what is wrong with the engine is told elsewhere.
      asked.delete(page);
    }
  };

  createEffect(
    on([search, revision], ([engine]) => {
      if (!engine) return;
      generation++;
      // The pages on show stay until their new content is there.
      const shown = [...asked];
      asked.clear();
      for (const page of new Set([0, ...shown.slice(-2)])) void fetchPage(engine, page, generation);
    }),
  );

  return {
    total,
    at(index) {
      const page = Math.floor(index / PAGE);
      const documents = pages().get(page);
      const engine = search();
      if (!documents && engine && !asked.has(page)) void fetchPage(engine, page, generation);
      return documents?.[index % PAGE];
    },
  };
}
