import type { Engine } from '../harness/engine.ts';
import { timed } from '../harness/timed.ts';
import {
  timeQueries,
  type Corpus,
  type SearchKind,
  type SearchQueries,
  type SearchRun,
} from './search-types.ts';

/** In what one search engine differs from another. */
export interface SearchSide {
  facts?: Engine['facts'];
  /** Indexes the documents and gives the milliseconds of it, without what only turns them into this engine's form. */
  build(corpus: Corpus): Promise<number>;
  /** Ids of the best ten for one query. */
  find(kind: SearchKind, queries: SearchQueries, i: number): Promise<string[]> | string[];
  /** For engines that can be saved and opened again. */
  keep?: {
    save(): Promise<void> | void;
    /** Bytes of what was saved. */
    bytes(): number;
    /** Opens what was saved, up to the first answer. */
    load(queries: SearchQueries): Promise<void> | void;
  };
  /** Bytes in use by its own account, texts left out. */
  memory?(): number;
  close?(): Promise<void> | void;
}

/** Lets the search suite measure an engine. */
export function searchEngine(side: SearchSide): Engine {
  const { facts = {}, keep, memory } = side;
  const search = ({
    kind,
    queries,
    count,
  }: {
    kind: SearchKind;
    queries: SearchQueries;
    count: number;
  }): Promise<SearchRun> => timeQueries(count, (i) => side.find(kind, queries, i));
  return {
    facts,
    operations: {
      build: (corpus: Corpus) => side.build(corpus),
      search,
      ...(memory ? { memory: async () => memory() } : {}),
      ...(keep
        ? {
            save: async () => ({ milliseconds: await timed(() => keep.save()), bytes: keep.bytes() }),
            load: ({ queries }: { queries: SearchQueries }) => timed(() => keep.load(queries)),
          }
        : {}),
    },
    close: () => side.close?.(),
  };
}
