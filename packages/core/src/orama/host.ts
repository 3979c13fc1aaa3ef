import { addEntry, removeDocument } from '../engine/apply.ts';
import { compact, needsCompaction } from '../engine/compact.ts';
import { prepareEntry } from '../engine/prepare.ts';
import { restoreState, snapshot } from '../engine/snapshot.ts';
import { columnOf, createState, fieldNamed, resolveBoosts, type State } from '../engine/state.ts';
import { SearchError } from '../errors.ts';
import { evaluate, type Where } from '../filter/where.ts';
import { KeywordRanker, type KeywordOptions } from '../rank/keyword.ts';
import { forTokens, parseQuery } from '../rank/query.ts';
import type { FieldType, Schema } from '../schema.ts';
import { LANGUAGES, type Language } from '../text/stemmers.ts';
import { PRIMARY } from '../text/token-buffer.ts';
import { unpackArrays, packArrays } from '../engine/sections.ts';
import { VectorStore, checkVector } from '../vector/vector-store.ts';
import type { AnyDocument, InternalDocumentIDStore, OramaSchema, Scored } from './orama-types.ts';

export interface TextSearch {
  term: string;
  properties: string[];
  exact: boolean;
  tolerance: number;
  boost: Record<string, number>;
  relevance: { k?: number; b?: number };
  threshold: number;
  allowed: Set<number> | undefined;
}

/** One Orama database's index: this engine, addressed by Orama's internal document numbers. */
export class OramaHost {
  readonly sharedInternalDocumentStore: InternalDocumentIDStore;
  readonly searchableProperties: string[] = [];
  readonly searchablePropertiesWithTypes: Record<string, string> = {};
  /** Orama looks here for the size of a vector and calls `find`. */
  readonly vectorIndexes: Record<string, { type: 'Vector'; isArray: false; node: VectorNode }> = {};
  /** Orama asks here for its own trees; there are none. */
  readonly indexes: Record<string, never> = {};
  readonly #fieldOf = new Map<string, string>();
  readonly #schema: Schema = {};
  readonly #language: Language;
  #state: State;
  /** Documents whose properties are still coming in, one call for each. */
  readonly #pending = new Map<string, { fields: AnyDocument; language: Language }>();

  constructor(ids: InternalDocumentIDStore, schema: OramaSchema, language: string) {
    this.sharedInternalDocumentStore = ids;
    this.#language = asLanguage(language) ?? 'none';
    this.#read(schema, '');
    this.#state = this.#empty();
  }

  get state(): State {
    this.#flush();
    return this.#state;
  }

  /** Takes in one property of a document. Values were checked before Orama stored the document. */
  insert(
    property: string,
    id: string,
    internalId: number,
    value: unknown,
    language: string | undefined,
  ): void {
    const vectors = this.vectorIndexes[property];
    if (vectors !== undefined) {
      vectors.node.add(internalId, value as ArrayLike<number>);
      return;
    }
    const pending = this.#pending.get(id) ?? { fields: {}, language: asLanguage(language) ?? this.#language };
    pending.fields[this.#fieldOf.get(property)!] = value;
    this.#pending.set(id, pending);
  }

  remove(property: string, id: string | number, internalId: number): void {
    this.vectorIndexes[property]?.node.remove(internalId);
    const name =
      typeof id === 'string' ? id : this.sharedInternalDocumentStore.internalIdToId[internalId - 1]!;
    this.#pending.delete(name);
    const document = this.#state.table.find(name);
    if (document >= 0) removeDocument(this.#state, document);
    if (needsCompaction(this.#state)) compact(this.#state);
  }

  /** Documents for a term, best first. */
  searchText(options: TextSearch): Scored[] {
    const { state } = this;
    const everything = (): Scored[] => this.#numbers(listAlive(state)).map((number): Scored => [number, 0]);
    const parsed = parseQuery(options.term, (name) => this.#fieldOf.has(name));
    for (const term of parsed.terms)
      if (term.field !== undefined) term.field = this.#fieldOf.get(term.field)!;
    const only = (list: Scored[]): Scored[] =>
      options.allowed === undefined ? list : list.filter(([number]) => options.allowed!.has(number));
    if (options.term.trim() === '') return only(everything());
    const any = this.#rank(parsed, options, 'any');
    const all =
      options.threshold < 1
        ? new Set(this.#rank(parsed, options, 'all').map(([number]) => number))
        : undefined;
    const found = only(any);
    if (all === undefined) return found;
    const full = found.filter(([number]) => all.has(number));
    if (options.threshold === 0 || full.length === found.length) return full;
    const rest = found.filter(([number]) => !all.has(number));
    if (full.length === 0) return found;
    return [...full, ...rest.slice(0, Math.ceil(rest.length * options.threshold))];
  }

  /** Internal numbers of the documents that meet a condition. */
  filter(where: Record<string, unknown>): Set<number> {
    const { state } = this;
    const ranker = this.#ranker(
      this.#keywordOptions({ properties: undefined, boost: {}, relevance: {} }, 'any'),
    );
    const allowed = evaluate(this.#rename(where), {
      documents: state.table.count,
      alive: state.table.alive,
      field: (name) => fieldNamed(state, name),
      column: (field) => columnOf(state, field),
      find: (id) => state.table.find(id),
      matchWords: (field, text, into) => {
        const words: string[] = [];
        forTokens(text, (word, kind) => {
          if (kind === PRIMARY) words.push(word);
        });
        for (const word of words) ranker.matchAll(state.textFields.indexOf(field), [word], into);
      },
    });
    return new Set(this.#numbers(listAlive(state).filter((document) => allowed.has(document))));
  }

  /** Checks a document before Orama stores it. Throws a `SearchError`. */
  check(document: AnyDocument): void {
    const fields: AnyDocument = {};
    for (const property of this.searchableProperties) {
      const value = property
        .split('.')
        .reduce<unknown>((at, key) => (at as AnyDocument | undefined)?.[key], document);
      if (value === undefined || value === null) continue;
      const vectors = this.vectorIndexes[property];
      if (vectors === undefined) fields[this.#fieldOf.get(property)!] = value;
      else
        checkVector(value as ArrayLike<number>, vectors.node.size, 'cosine', {
          what: `The vector "${property}"`,
          ...(typeof document['id'] === 'string' && { id: document['id'] }),
        });
    }
    prepareEntry(
      { document: { ...fields, id: typeof document['id'] === 'string' ? document['id'] : 'new' } },
      { fields: this.#state.fields, vector: undefined, allowEmpty: true },
    );
  }

  /** Binary sections instead of Orama's JSON. */
  save(): Record<string, Uint8Array> {
    const sections = Object.fromEntries(snapshot(this.state));
    for (const [property, { node }] of Object.entries(this.vectorIndexes))
      sections[`vector:${property}`] = packArrays({ ...node.store.arrays() });
    return sections;
  }

  load(raw: Record<string, Uint8Array>): void {
    this.#state = restoreState(new Map(Object.entries(raw)), this.#empty());
    for (const [property, { node }] of Object.entries(this.vectorIndexes)) {
      const bytes = raw[`vector:${property}`];
      if (bytes === undefined)
        throw new SearchError('snapshot-damaged', `The vectors of "${property}" are missing.`, {
          field: property,
        });
      node.restore(unpackArrays(bytes, property) as never);
    }
  }

  #rank(parsed: ReturnType<typeof parseQuery>, options: TextSearch, match: 'any' | 'all'): Scored[] {
    const ranker = this.#ranker({
      ...this.#keywordOptions(options, match),
      prefix: options.exact ? false : 'all',
      typos: Math.min(2, options.tolerance) as 0 | 1 | 2,
    });
    const { docs, scores } = ranker.rank(parsed);
    const excluded = ranker.excluded(parsed.excluded);
    const numbers = this.#numbers([...docs]);
    const found: Scored[] = [];
    docs.forEach((document, at) => {
      if (!excluded.has(document)) found.push([numbers[at]!, scores[document]!]);
    });
    return found.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  }

  #ranker(options: KeywordOptions): KeywordRanker {
    const { lexicon, index, table, textFields } = this.state;
    return new KeywordRanker(
      lexicon,
      index,
      table,
      textFields.map((field) => field.name),
      options,
    );
  }

  #keywordOptions(
    options: {
      properties?: string[] | undefined;
      boost: Record<string, number>;
      relevance: { k?: number; b?: number };
    },
    match: 'any' | 'all',
  ): KeywordOptions {
    const { textFields } = this.#state;
    const boost = Object.fromEntries(
      Object.entries(options.boost).map(([property, value]) => [
        this.#fieldOf.get(property) ?? property,
        value,
      ]),
    );
    const boosts = resolveBoosts(
      textFields,
      boost,
      textFields.map(() => 1),
    );
    const names = options.properties?.map((property) => this.#fieldOf.get(property)!);
    if (names !== undefined)
      textFields.forEach((field, at) => (boosts[at] = names.includes(field.name) ? boosts[at]! : 0));
    const { k = 1.2, b = 0.75 } = options.relevance;
    return { k1: k, bs: textFields.map(() => b), boosts, prefix: 'all', typos: 0, match };
  }

  #read(schema: OramaSchema, prefix: string): void {
    for (const [key, type] of Object.entries(schema)) {
      const path = prefix + key;
      if (typeof type === 'object') {
        this.#read(type, `${path}.`);
        continue;
      }
      this.searchableProperties.push(path);
      this.searchablePropertiesWithTypes[path] = type;
      const size = /^vector\[(\d+)\]$/.exec(type)?.[1];
      if (size !== undefined) {
        this.vectorIndexes[path] = { type: 'Vector', isArray: false, node: new VectorNode(Number(size)) };
        continue;
      }
      // These names mean something of their own in the engine.
      const name = path === 'id' || (path === 'text' && type !== 'string') ? `${path}_` : path;
      this.#fieldOf.set(path, name);
      this.#schema[name] = type as FieldType;
    }
  }

  #rename(where: Record<string, unknown>): Where {
    const renamed: Where = {};
    for (const [key, value] of Object.entries(where)) {
      if (key === 'and' || key === 'or')
        renamed[key] = Array.isArray(value)
          ? value.map((one) => this.#rename(one as Record<string, unknown>))
          : (value as Where[]);
      else if (key === 'not') renamed.not = this.#rename(value as Record<string, unknown>);
      else renamed[key === 'id' ? key : (this.#fieldOf.get(key) ?? key)] = value;
    }
    return renamed;
  }

  #empty(): State {
    return createState({ schema: this.#schema, text: { language: this.#language } });
  }

  #flush(): void {
    for (const [id, { fields, language }] of this.#pending) {
      addEntry(
        this.#state,
        prepareEntry(
          { document: { ...fields, id }, language },
          { fields: this.#state.fields, vector: undefined, allowEmpty: true },
        ),
      );
    }
    this.#pending.clear();
  }

  #numbers(documents: ArrayLike<number>): number[] {
    const { table } = this.#state;
    const { idToInternalId } = this.sharedInternalDocumentStore;
    return Array.from(documents, (document) => idToInternalId.get(table.id(document))!);
  }
}

/** The vectors of one property. */
export class VectorNode {
  readonly size: number;
  store: VectorStore;
  readonly #slots = new Map<number, number>();

  constructor(size: number) {
    this.size = size;
    this.store = new VectorStore({ dimensions: size });
  }

  add(internalId: number, value: ArrayLike<number>): void {
    this.#slots.set(
      internalId,
      this.store.add(internalId, checkVector(value, this.size, 'cosine', { what: 'A vector' })),
    );
  }

  remove(internalId: number): void {
    const slot = this.#slots.get(internalId);
    if (slot === undefined) return;
    this.store.remove(slot);
    this.#slots.delete(internalId);
  }

  /** All documents at least this similar, nearest first. */
  find(vector: ArrayLike<number>, similarity: number, allowed: Set<number> | undefined): Scored[] {
    const scores = this.store.scan(checkVector(vector, this.size, 'cosine', { what: "The query's vector" }));
    const found: Scored[] = [];
    for (let slot = 0; slot < scores.length; slot++) {
      const number = this.store.chunkOf[slot]!;
      if (number >= 0 && scores[slot]! >= similarity && (allowed === undefined || allowed.has(number)))
        found.push([number, scores[slot]!]);
    }
    return found.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  }

  restore(arrays: ReturnType<VectorStore['arrays']>): void {
    this.store.restore(arrays);
    this.#slots.clear();
    arrays.chunkOf.forEach((internalId, slot) => {
      if (internalId >= 0) this.#slots.set(internalId, slot);
    });
  }
}

function listAlive(state: State): number[] {
  const documents: number[] = [];
  for (let document = 0; document < state.table.count; document++)
    if (state.table.alive.has(document)) documents.push(document);
  return documents;
}

function asLanguage(language: string | undefined): Language | undefined {
  return LANGUAGES.includes(language as Language) ? (language as Language) : undefined;
}
