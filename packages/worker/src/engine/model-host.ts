import { createEmbedder, loadTokenizer } from '@burrow/embed';
import type { Device, Dtype, EmbedAssets } from '@burrow/embed';
import { WorkerError } from '../errors.ts';
import type { ModelInput, ModelStatus, SearchEvent } from '../types.ts';
import { LoadedModel } from './loaded-model.ts';
import { modelFiles } from '../model-files.ts';
import type { VectorCache } from './vector-cache.ts';
import type { Waits } from './waits.ts';

export interface ModelChoice {
  model: ModelInput;
  device: 'auto' | Device;
  dtype: 'auto' | Dtype;
}

/** A query waits so long for a model that is being loaded; then it is answered by keyword. */
const QUERY_PATIENCE = 2000;

/** Loads models and tells their state. At most two are there at once: during a move, the old and the new. */
export class ModelHost {
  readonly #assets: EmbedAssets;
  readonly #cache: VectorCache;
  readonly #changed: () => void;
  readonly #emit: (event: SearchEvent) => void;
  readonly #waits: Waits;
  readonly #loaded = new Map<string, LoadedModel>();
  #wanted: Promise<LoadedModel>;
  #choices = 0;
  readonly #closing = new AbortController();
  #status: ModelStatus;

  constructor(
    assets: EmbedAssets,
    cache: VectorCache,
    first: ModelChoice,
    waits: Waits,
    changed: () => void,
    emit: (event: SearchEvent) => void,
  ) {
    this.#emit = emit;
    this.#waits = waits;
    this.#assets = assets;
    this.#cache = cache;
    this.#changed = changed;
    this.#status = { id: modelId(first.model), state: 'loading' };
    this.#wanted = this.#load(first);
    // Whoever needs the model sees the failure; the status tells it to all others.
    this.#wanted.catch(() => {});
  }

  get status(): ModelStatus {
    return this.#status;
  }

  /** The model that was chosen last. Rejects with why it could not be loaded. */
  wanted(): Promise<LoadedModel> {
    return this.#wanted;
  }

  /**
   * Loads another model; the one before stays until `keepOnly` lets it go. When it fails, nothing changes. Of several
   * that are chosen at once, the last one is wanted.
   */
  async choose(choice: ModelChoice): Promise<LoadedModel> {
    const before = this.#status;
    const number = ++this.#choices;
    const loading = this.#load(choice);
    try {
      const loaded = await loading;
      if (number === this.#choices) this.#wanted = loading;
      return loaded;
    } catch (error) {
      if (number === this.#choices) this.#setStatus(before);
      throw error;
    }
  }

  /** The model of a space, for a query: waits a little for one that is being loaded. */
  async forSpace(space: string, signal: AbortSignal): Promise<LoadedModel | undefined> {
    const ready = this.#loaded.get(space);
    if (ready || this.#status.state !== 'loading') return ready;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop: (() => void) | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, QUERY_PATIENCE);
      stop = resolve;
      signal.addEventListener('abort', resolve as () => void, { once: true });
    });
    await Promise.race([this.#wanted.catch(() => undefined), patience]);
    clearTimeout(timer);
    if (stop) signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
    return this.#loaded.get(space);
  }

  /** Lets go of all models but those of these spaces and the wanted one. */
  async keepOnly(spaces: string[]): Promise<void> {
    const wanted = await this.#wanted.catch(() => undefined);
    for (const [space, loaded] of this.#loaded) {
      if (loaded === wanted || spaces.includes(space)) continue;
      this.#loaded.delete(space);
      await loaded.retire();
    }
  }

  /** Gives up loading; whoever waits for a model is told so. */
  stopLoading(): void {
    this.#closing.abort(new WorkerError('closed', 'The search was closed while its model was being loaded.'));
  }

  async dispose(): Promise<void> {
    this.stopLoading();
    const all = [...this.#loaded.values()];
    this.#loaded.clear();
    await Promise.all(all.map((loaded) => loaded.retire()));
  }

  async #load({ model, device, dtype }: ModelChoice): Promise<LoadedModel> {
    const id = modelId(model);
    this.#setStatus({ id, state: 'loading' });
    let settled = false;
    const options = { hub: { cache: modelFiles }, signal: this.#closing.signal };
    try {
      const embedder = await this.#waits.during(`the model ${id} to be loaded and checked`, () =>
        createEmbedder({
          ...options,
          model,
          device,
          dtype,
          assets: this.#assets,
          onProgress: (progress) => {
            // Files that are still on their way when another has failed go on telling.
            if (settled || progress.phase !== 'download') return;
            const { allLoaded: loaded, allTotal: total } = progress;
            this.#setStatus({ id, state: 'loading', progress: { loaded, ...(total ? { total } : {}) } });
          },
          onEvent: ({ reason, backend }) => {
            this.#emit({ type: 'backend-changed', reason, backend });
            if (this.#status.id === id) this.#setStatus({ ...this.#status, backend });
          },
        }),
      );
      const known = this.#loaded.get(embedder.space);
      const loaded =
        known ?? new LoadedModel(embedder, await loadTokenizer(model, options), this.#cache, this.#waits);
      this.#loaded.set(embedder.space, loaded);
      // A backend that is started anew reads the files again: that is no loading of the model.
      settled = true;
      this.#setStatus({ id, state: 'ready', backend: embedder.backend, dimensions: embedder.dimensions });
      await known?.replace(embedder);
      return loaded;
    } catch (error) {
      settled = true;
      const { message, code = 'model-failed' } = error as Error & { code?: string };
      this.#setStatus({ id, state: 'failed', error: { code, message } });
      throw error instanceof Error && 'code' in error
        ? error
        : new WorkerError('model-failed', `The model ${id} could not be loaded: ${message}`, {
            cause: error,
          });
    }
  }

  #setStatus(status: ModelStatus): void {
    this.#status = status;
    this.#changed();
  }
}

function modelId(model: ModelInput): string {
  return typeof model === 'string' ? model : model.card.id;
}
