import { getDocumentProperties } from './properties.ts';
import { documentsStore } from './documents-store.ts';
import { OramaHost } from './host.ts';
import { hybridResults } from './results.ts';
import type {
  AnyDocument,
  HybridParams,
  InternalDocumentIDStore,
  OramaLike,
  OramaSchema,
  Scored,
} from './orama-types.ts';

export interface BurrowOptions {
  /** Weight of the vector side in hybrid search that calibration starts from, 0 to 1 (from the model's card). */
  weight?: number;
}

/** What Orama's `plugins` takes. */
export interface BurrowPlugin {
  name: 'burrow';
  getComponents(schema: OramaSchema): never;
  afterSearch(
    orama: OramaLike,
    params: HybridParams,
    language: string | undefined,
    results: Record<string, unknown>,
  ): void;
}

/**
 * Gives an Orama database this engine: `create({ schema, plugins: [burrow()] })`. `insert`, `update`,
 * `remove` and `search` stay Orama's own. With a plugin that takes part in searches, Orama's `search`
 * returns a promise.
 */
export function burrow(options: BurrowOptions = {}): BurrowPlugin {
  let host: OramaHost | undefined;
  const components = {
    index: indexComponent((created) => (host = created)),
    documentsStore: documentsStore(),
    getDocumentProperties,
    validateSchema: (document: AnyDocument): undefined => host?.check(document) as undefined,
  };
  return {
    name: 'burrow',
    getComponents: () => components as never,
    afterSearch(orama, params, _language, results) {
      if (params.mode === 'hybrid')
        hybridResults(orama, orama.data.index as OramaHost, params, options.weight, results);
    },
  };
}

function indexComponent(onCreate: (host: OramaHost) => void): Record<string, unknown> {
  let schema: OramaSchema = {};
  let language = 'english';
  const create = (ids: InternalDocumentIDStore): OramaHost => {
    const host = new OramaHost(ids, schema, language);
    onCreate(host);
    return host;
  };
  return {
    create(orama: OramaLike, ids: InternalDocumentIDStore, given: OramaSchema): OramaHost {
      schema = given;
      language = orama.tokenizer.language;
      return create(ids);
    },
    insert(
      _component: unknown,
      host: OramaHost,
      property: string,
      id: string,
      internalId: number,
      value: unknown,
      _type: string,
      language: string | undefined,
    ): void {
      host.insert(property, id, internalId, value, language);
    },
    remove(
      _component: unknown,
      host: OramaHost,
      property: string,
      id: string | number,
      internalId: number,
    ): boolean {
      host.remove(property, id, internalId);
      return true;
    },
    search(
      host: OramaHost,
      term: string,
      _tokenizer: unknown,
      _language: unknown,
      properties: string[],
      exact: boolean,
      tolerance: number,
      boost: Record<string, number>,
      relevance: { k?: number; b?: number },
      _count: number,
      allowed: Set<number> | undefined,
      threshold: number,
    ): Scored[] {
      return host.searchText({ term, properties, exact, tolerance, boost, relevance, threshold, allowed });
    },
    searchByWhereClause: (host: OramaHost, _tokenizer: unknown, where: Record<string, unknown>) =>
      host.filter(where),
    getSearchableProperties: (host: OramaHost) => host.searchableProperties,
    getSearchablePropertiesWithTypes: (host: OramaHost) => host.searchablePropertiesWithTypes,
    save: (host: OramaHost) => host.save(),
    load(ids: InternalDocumentIDStore, raw: Record<string, Uint8Array>): OramaHost {
      const host = create(ids);
      host.load(raw);
      return host;
    },
  };
}
