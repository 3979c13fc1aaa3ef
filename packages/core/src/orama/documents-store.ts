import type { AnyDocument, InternalDocumentIDStore } from './orama-types.ts';

interface Store {
  sharedInternalDocumentStore: InternalDocumentIDStore;
  /** Read by Orama's vector search directly, hence by this name. */
  docs: Record<number, AnyDocument>;
  count: number;
}

/**
 * Orama blanks the vectors of the documents it is handed. Here it is handed copies, so the stored
 * ones stay whole.
 */
export function documentsStore(): Record<string, unknown> {
  const number = (store: Store, id: string | number): number =>
    typeof id === 'number' ? id : (store.sharedInternalDocumentStore.idToInternalId.get(id) ?? 0);
  const get = (store: Store, id: string | number): AnyDocument | undefined => store.docs[number(store, id)];
  return {
    create: (_orama: unknown, ids: InternalDocumentIDStore): Store => newStore(ids, {}),
    get,
    getMultiple: (store: Store, ids: (string | number)[]) => ids.map((id) => get(store, id)),
    getAll: (store: Store) => store.docs,
    store(store: Store, _id: string, internalId: number, document: AnyDocument): boolean {
      if (internalId in store.docs) return false;
      store.docs[internalId] = document;
      store.count++;
      return true;
    },
    remove(store: Store, id: string | number): boolean {
      const internalId = number(store, id);
      if (!(internalId in store.docs)) return false;
      delete store.docs[internalId];
      store.count--;
      return true;
    },
    count: (store: Store) => store.count,
    save: (store: Store) => ({ docs: { ...store.docs }, count: store.count }),
    load: (ids: InternalDocumentIDStore, raw: { docs: Record<number, AnyDocument> }) =>
      newStore(ids, raw.docs),
  };
}

function newStore(ids: InternalDocumentIDStore, documents: Record<number, AnyDocument>): Store {
  const held: Record<number, AnyDocument> = { ...documents };
  const docs = new Proxy(held, {
    get: (target, key) => {
      const document = Reflect.get(target, key) as AnyDocument | undefined;
      return document === undefined ? undefined : copy(document);
    },
    getOwnPropertyDescriptor: (target, key) => Reflect.getOwnPropertyDescriptor(target, key),
  });
  return { sharedInternalDocumentStore: ids, docs, count: Object.keys(held).length };
}

/** A copy down to plain objects: vectors may sit in nested ones. */
function copy(document: AnyDocument): AnyDocument {
  const fresh: AnyDocument = {};
  for (const [key, value] of Object.entries(document)) {
    const plain =
      typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
    fresh[key] = plain ? copy(value as AnyDocument) : value;
  }
  return fresh;
}
