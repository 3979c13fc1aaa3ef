// Entry `@burrow/embed/orama`: stands in for @orama/plugin-embeddings; the import is all that changes.
import { createEmbedder, type CreateEmbedderOptions } from './embedder.ts';
import { EmbedError } from './errors.ts';
import type { Embedder } from './types.ts';

/** Options of `pluginEmbeddings` of @orama/plugin-embeddings, plus what creates the embedder. */
export interface PluginEmbeddingsOptions {
  embeddings: {
    /** The vector property of the schema. */
    defaultProperty: string;
    onInsert?: {
      generate: boolean;
      /** Properties whose texts are embedded, joined by `. `; `author.name` reaches into objects. */
      properties: string[];
      verbose?: boolean;
    };
  };
  /** An embedder that there is already, or what to create one from. Default: static-en. */
  embedder?: Embedder | CreateEmbedderOptions;
}

type Fields = Record<string, unknown>;

/** The hooks of an Orama plugin that are used. */
export interface EmbeddingsPlugin {
  name: string;
  beforeInsert(orama: unknown, id: string, document: object): Promise<void>;
  /** Orama 3.1 only looks whether it is there: without it, insertMultiple would not wait for `beforeInsert`. */
  beforeInsertMultiple(orama: unknown, documents: object[]): Promise<void>;
  beforeSearch(orama: unknown, params: object, language: string | undefined): Promise<void>;
  /** Dispose of it when the database goes. */
  extra: { embedder: Embedder };
}

/**
 * Embeds documents on insert and terms on vector and hybrid search. A schema may ask for more dimensions than the model
 * has (`vector[512]` with 256): vectors are then filled up with zeros, which changes no cosine.
 * @throws EmbedError `invalid-argument`, and whatever createEmbedder throws
 */
export async function pluginEmbeddings(options: PluginEmbeddingsOptions): Promise<EmbeddingsPlugin> {
  const { defaultProperty, onInsert } = options.embeddings;
  const given = options.embedder;
  const embedder = given && 'embed' in given ? given : await createEmbedder(given);

  async function embed(
    orama: unknown,
    property: string,
    texts: string[],
    kind: 'query' | 'document',
  ): Promise<number[][]> {
    const size = vectorSize(orama, property) ?? embedder.dimensions;
    if (size < embedder.dimensions && !embedder.model.matryoshka?.includes(size)) {
      throw new EmbedError(
        'invalid-argument',
        `${property} is vector[${size}], but ${embedder.model.id} has ${embedder.dimensions} dimensions. Change the schema.`,
      );
    }
    const { data, dimensions } = await embedder.embed(texts, {
      kind,
      dimensions: Math.min(size, embedder.dimensions),
    });
    return texts.map((_, row) => {
      const vector = Array.from(data.subarray(row * dimensions, (row + 1) * dimensions));
      while (vector.length < size) vector.push(0);
      return vector;
    });
  }

  async function embedDocuments(orama: unknown, documents: Fields[]): Promise<void> {
    if (!onInsert?.generate) return;
    const missing = documents.filter((document) => document[defaultProperty] === undefined);
    const texts = missing.map((document) =>
      onInsert.properties
        .map((path) => valueAt(document, path))
        .filter((value) => typeof value === 'string')
        .join('. '),
    );
    const vectors = await embed(orama, defaultProperty, texts, 'document');
    missing.forEach((document, i) => (document[defaultProperty] = vectors[i]));
  }

  return {
    name: 'burrow-embeddings',
    extra: { embedder },
    async beforeInsert(orama, _id, document) {
      await embedDocuments(orama, [document as Fields]);
    },
    async beforeInsertMultiple(orama, documents) {
      await embedDocuments(orama, documents as Fields[]);
    },
    async beforeSearch(orama, searched) {
      const params = searched as Fields;
      if (params['mode'] !== 'vector' && params['mode'] !== 'hybrid') return;
      const vector = (params['vector'] ?? {}) as { property?: string; value?: number[] };
      if (vector.value && vector.value.length > 0) return;
      if (typeof params['term'] !== 'string') {
        throw new EmbedError('invalid-argument', 'Vector and hybrid search need a term or a vector.');
      }
      const property = vector.property ?? defaultProperty;
      const [value] = await embed(orama, property, [params['term']], 'query');
      params['vector'] = { ...vector, property, value };
    },
  };
}

function valueAt(document: Fields, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Fields | undefined)?.[key], document);
}

function vectorSize(orama: unknown, property: string): number | undefined {
  const type = valueAt(((orama as { schema?: Fields }).schema ?? {}) as Fields, property);
  const match = typeof type === 'string' ? /^vector\[(\d+)\]$/.exec(type) : null;
  return match ? Number(match[1]) : undefined;
}
