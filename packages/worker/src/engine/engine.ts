import { openStore } from '@burrow/store-opfs';
import type { Store } from '@burrow/store-opfs';
import { WorkerError } from '../errors.ts';
import type { Call, EngineInit, EngineMethod, EngineMethods, QueryRequest } from '../protocol.ts';
import type { ListedDocument, QueryResult, SearchDocument, SearchEvent, SearchStats } from '../types.ts';
import { DocumentTexts } from './document-texts.ts';
import { exportDocuments, exportPlan } from './exporter.ts';
import { IndexBook } from './index-book.ts';
import type { IndexSettings, Side } from './index-book.ts';
import { Ledger } from './ledger.ts';
import type { LoadedModel } from './loaded-model.ts';
import { ModelHost } from './model-host.ts';
import type { ModelChoice } from './model-host.ts';
import { Mover, sameSettings } from './mover.ts';
import { answer } from './searcher.ts';
import { recoveryOf, storageStatus } from './storage-status.ts';
import { VectorCache } from './vector-cache.ts';
import type { Waits } from './waits.ts';
import { Writer } from './writer.ts';
import type { CallContext } from './writer.ts';

/** Status events are at most this frequent, in milliseconds. */
const STATUS_INTERVAL = 200;

/** One open index: store, texts, model and ranking put together. Lives in the leader's engine worker. */
export class Engine {
  readonly #init: EngineInit;
  readonly #store: Store;
  readonly #cache: VectorCache;
  readonly #book: IndexBook;
  readonly #ledger: Ledger;
  readonly #models: ModelHost;
  readonly #mover: Mover;
  readonly #writer: Writer;
  readonly #recovery: string[];
  readonly #waits: Waits;
  readonly #emit: (event: SearchEvent) => void;
  #moving: Promise<void> = Promise.resolve();
  #pendingWrites = 0;
  #statusTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  private constructor(
    init: EngineInit,
    store: Store,
    texts: DocumentTexts,
    cache: VectorCache,
    book: IndexBook,
    recovery: string[],
    waits: Waits,
    emit: (event: SearchEvent) => void,
  ) {
    this.#waits = waits;
    this.#init = init;
    this.#store = store;
    this.#cache = cache;
    this.#book = book;
    this.#recovery = recovery;
    this.#emit = emit;
    const changed = (): void => this.#changed();
    const onError = (error: unknown): void => this.#notice(error);
    this.#ledger = new Ledger(store, book, waits, onError);
    this.#models = new ModelHost(init.assets, cache, init, waits, changed, emit);
    const parts = { book, ledger: this.#ledger, models: this.#models, texts };
    this.#mover = new Mover({ ...parts, changed, onError });
    this.#writer = new Writer({
      ...parts,
      maxTextLength: init.maxTextLength,
      currentSide: (model) => this.#currentSide(model),
    });
  }

  /** Opens the store, recovers what is there, and starts to load the model behind it. */
  static async open(init: EngineInit, waits: Waits, emit: (event: SearchEvent) => void): Promise<Engine> {
    const cache = new VectorCache(init.name);
    let engine: Engine | undefined;
    const store = await waits.during('the files to be opened and checked', () =>
      openStore(init.name, {
        durability: init.durability,
        makeRoom: (bytes) =>
          waits.during('room to be made', () => cache.makeRoom(bytes, new Set(engine?.modelsInUse))),
      }),
    );
    try {
      const texts = new DocumentTexts(store, waits);
      const { book, problems } = await waits.during('the index to be read', () =>
        IndexBook.load(store, texts, init.scanWorker),
      );
      const recovery = [...recoveryOf(store), ...problems];
      engine = new Engine(init, store, texts, cache, book, recovery, waits, emit);
      engine.#adoptModel();
      return engine;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** Ids of the models that queries need. */
  get modelsInUse(): string[] {
    return [this.#models.status.id, ...this.#book.sides().map(([, { settings }]) => settings.modelId)];
  }

  /** Runs one call of a page. */
  run<M extends EngineMethod>(call: Call<M>, context: CallContext): Promise<EngineMethods[M]['result']> {
    if (this.#closed)
      throw new WorkerError('closed', 'This search was closed. Open it again with openSearch().');
    const methods: {
      [N in EngineMethod]: (...args: EngineMethods[N]['arguments']) => Promise<EngineMethods[N]['result']>;
    } = {
      write: (request) => this.#counted(() => this.#writer.write(request, context)),
      remove: (ids) => this.#counted(() => this.#writer.remove(ids, context)),
      query: (text, request) => this.#query(text, request, context),
      get: (id) => this.#get(id),
      list: (offset, limit) => this.#list(offset, limit),
      stats: () => this.#stats(),
      setModel: (choice) => this.#setModel(choice),
      exportPlan: async () => exportPlan(this.#book.current),
      exportDocuments: (ids) => exportDocuments(this.#book.current, ids),
      restore: (request) => this.#counted(() => this.#writer.restore(request, context)),
      clear: () => this.#clear(),
      compact: () => this.#ledger.compact({ waste: 0, signal: context.signal }),
    };
    return methods[call.method](...call.arguments);
  }

  async #query(text: string, request: QueryRequest, context: CallContext): Promise<QueryResult> {
    const { signal } = context;
    const onPartial = (result: QueryResult): void => context.onEvent({ type: 'partial', result });
    for (;;) {
      const side = this.#book.current;
      try {
        return await answer(side, this.#models, text, request, { signal, onPartial });
      } catch (error) {
        // When a move ends, the model of the old side goes: then the new one is asked.
        if (signal.aborted || side === this.#book.current) throw error;
      }
    }
  }

  /** Finishes writes, checkpoints and closes everything. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#statusTimer);
    this.#models.stopLoading();
    await this.#mover.stop();
    await this.#moving;
    await this.#mover.stop();
    try {
      await this.#ledger.close();
    } finally {
      await this.#models.dispose();
      await this.#cache.close();
      await this.#store.close();
    }
  }

  /** When the model is there: starts a move, or goes on with one, if the index was made for something else. */
  #adoptModel(): void {
    this.#models
      .wanted()
      .then(
        () => this.#moveIfNeeded(),
        () => {
          // The status tells why; the index answers by words.
        },
      )
      .catch((error: unknown) => this.#notice(error));
  }

  /** One after the other, each for the model that is wanted by then. */
  #moveIfNeeded(): Promise<void> {
    const run = this.#moving.then(async () => {
      const model = await this.#models.wanted();
      const { current } = this.#book;
      if (!current || this.#closed) return;
      const settings = this.#settingsFor(model);
      if (!sameSettings(current.settings, settings)) return this.#mover.start(model, settings);
      await this.#mover.cancel();
      await this.#mover.complete(model);
    });
    this.#moving = run.catch(() => {});
    return run;
  }

  async #setModel(choice: ModelChoice): Promise<void> {
    await this.#models.choose(choice);
    await this.#moveIfNeeded();
    const { current, next } = this.#book;
    await this.#models.keepOnly([current, next].flatMap((side) => (side ? [side.settings.space] : [])));
    this.#changed();
  }

  /** The index that documents go into; started for this model when there is none. */
  async #currentSide(model: LoadedModel): Promise<Side> {
    if (this.#book.current) return this.#book.current;
    return this.#ledger.change(async (append) => {
      if (this.#book.current) return this.#book.current;
      const settings = this.#settingsFor(model);
      await append([this.#book.beginRecord('current', settings)]);
      return this.#book.start('current', settings);
    });
  }

  #settingsFor({ embedder }: LoadedModel): IndexSettings {
    return {
      modelId: embedder.model.id,
      space: embedder.space,
      dimensions: embedder.dimensions,
      weight: embedder.model.fusionWeight,
      schema: this.#init.schema,
    };
  }

  async #get(id: string): Promise<SearchDocument | undefined> {
    const index = this.#book.current?.index;
    const fields = index?.get(id);
    return fields && { ...fields, id, text: (await index?.text(id)) ?? '' };
  }

  async #list(offset: number, limit: number): Promise<EngineMethods['list']['result']> {
    const index = this.#book.current?.index;
    if (!index) return { total: 0, documents: [] };
    const documents: ListedDocument[] = [];
    let place = 0;
    for (const id of index.ids()) {
      if (place++ < offset) continue;
      if (documents.length >= limit) break;
      documents.push({ ...index.get(id), id });
    }
    return { total: index.size, documents };
  }

  async #stats(): Promise<SearchStats> {
    const { current } = this.#book;
    const cached = this.#cache.counts;
    return {
      name: this.#init.name,
      documents: current?.index.size ?? 0,
      chunks: current?.index.chunkCount ?? 0,
      space: current?.settings.space,
      role: 'leader',
      model: this.#models.status,
      scanThreads: current?.index.threads ?? 1,
      move: this.#mover.status,
      storage: await this.#waits.during('the browser to tell about its storage', () =>
        storageStatus(this.#store, this.#recovery),
      ),
      ...(cached ? { cache: cached } : {}),
      pendingWrites: this.#pendingWrites,
    };
  }

  async #clear(): Promise<void> {
    await this.#mover.stop();
    await this.#ledger.rewrite(() => {
      const { current, next } = this.#book;
      this.#book.current = undefined;
      this.#book.next = undefined;
      return () => {
        this.#book.current = current;
        this.#book.next = next;
      };
    });
    await this.#cache.clear();
    this.#changed();
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.#pendingWrites++;
    try {
      return await work();
    } finally {
      this.#pendingWrites--;
      this.#changed();
      // What kept a move from its end may have been removed or replaced.
      if (this.#mover.isWaiting && this.#models.status.state === 'ready')
        this.#moveIfNeeded().catch((error: unknown) => this.#notice(error));
    }
  }

  #notice(error: unknown): void {
    const { code = 'internal', message } = error as Error & { code?: string };
    this.#emit({ type: 'notice', code, message });
  }

  #changed(): void {
    if (this.#closed || this.#statusTimer !== undefined) return;
    this.#statusTimer = setTimeout(() => {
      this.#statusTimer = undefined;
      this.#stats().then(
        (stats) => this.#emit({ type: 'status', stats }),
        (error: unknown) => {
          // Files are given back while it asks: then there is nobody to tell.
          if (!this.#closed) this.#notice(error);
        },
      );
    }, STATUS_INTERVAL);
  }
}
