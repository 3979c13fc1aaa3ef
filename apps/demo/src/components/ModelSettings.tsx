import { listModels, removeModel, type StoredModel } from '@burrow/worker';
import { createEffect, createSignal, For, on, onCleanup, Show, type JSX } from 'solid-js';
import { asAppError, isAbort, type Client } from '../client.ts';
import { fetchModel } from '../fetch-model.ts';
import { bytes, count } from '../format.ts';
import { dtypeOf, MODELS, type ModelChoice } from '../models.ts';
import { readSettings, writeSettings, type Settings } from '../settings.ts';

const DEVICES: readonly [Settings['device'], string][] = [
  ['auto', 'The fastest that is correct here'],
  ['webgpu', 'GPU (WebGPU)'],
  ['wasm', 'CPU (ONNX Runtime)'],
];

/** Which model finds by meaning, with its size and measured quality, and where it runs. */
export function ModelSettings(props: { client: Client; open: boolean }): JSX.Element {
  const [chosen, setChosen] = createSignal(readSettings().model);
  const [device, setDevice] = createSignal(readSettings().device);
  const [busy, setBusy] = createSignal<string>();
  const [error, setError] = createSignal<string>();
  const [stored, setStored] = createSignal<StoredModel[]>([]);
  const [fetched, setFetched] = createSignal<{ loaded: number; total: number | undefined }>();
  let fetching = new AbortController();
  const lookAtStored = async (): Promise<void> => {
    // Where the browser keeps nothing, nothing is kept.
    setStored(await listModels().catch(() => []));
  };
  createEffect(
    on(
      () => props.open,
      (open) => open && void lookAtStored(),
    ),
  );
  onCleanup(() => fetching.abort());
  const storedOf = (model: ModelChoice): { bytes: number; complete: boolean } => {
    const versions = stored().filter(({ id }) => id === model.hub);
    const dtype = dtypeOf(model);
    return {
      bytes: versions.reduce((sum, version) => sum + version.bytes, 0),
      complete: versions.some(({ dtypes }) => dtypes.some((one) => dtype === 'auto' || one === dtype)),
    };
  };
  const fetchFromHub = async (model: string): Promise<void> => {
    fetching = new AbortController();
    setFetched({ loaded: 0, total: undefined });
    try {
      await fetchModel(model, {
        signal: fetching.signal,
        onProgress: (loaded, total) => setFetched({ loaded, total }),
      });
    } finally {
      setFetched(undefined);
      await lookAtStored();
    }
  };
  const forget = async ({ hub }: ModelChoice): Promise<void> => {
    if (hub !== undefined)
      await removeModel(hub).catch((reason: unknown) => setError(asAppError(reason).message));
    await lookAtStored();
    await props.client.refresh();
  };
  const isStatic = (): boolean => chosen() === 'static-en';

  const apply = async (model: ModelChoice, where: Settings['device']): Promise<void> => {
    const search = props.client.search();
    if (!search || busy() !== undefined) return;
    const before = { model: chosen(), device: device() };
    setError(undefined);
    setChosen(model.id);
    setDevice(where);
    setBusy(model.id);
    try {
      if (model.hub !== undefined) await fetchFromHub(model.hub);
      await search.setModel(await model.load(), {
        device: model.id === 'static-en' ? 'auto' : where,
        dtype: dtypeOf(model),
      });
      writeSettings({ model: model.id, device: where });
    } catch (reason) {
      setChosen(before.model);
      setDevice(before.device);
      if (!isAbort(reason))
        setError(`${model.name} could not be used: ${asAppError(reason).message} The model before it stays.`);
    } finally {
      setBusy(undefined);
      await props.client.refresh();
    }
  };
  const progress = (): string =>
    share('fetching', fetched()) ?? share('loading', props.client.stats()?.model.progress) ?? 'loading…';
  const cancelFetching = (): void => fetching.abort(new DOMException('Cancelled', 'AbortError'));
  const failed = (): boolean => props.client.stats()?.model.state === 'failed';
  const current = (): ModelChoice => MODELS.find(({ id }) => id === chosen()) ?? (MODELS[0] as ModelChoice);

  return (
    <section class="settings-section" aria-labelledby="model-title">
      <h3 id="model-title">Model</h3>
      <p class="settings-intro">
        It finds by meaning. Changing it embeds your documents again, while search goes on with the old one.
      </p>
      <div class="choices" role="radiogroup" aria-labelledby="model-title" aria-busy={busy() !== undefined}>
        <For each={MODELS}>
          {(model) => (
            <div class="choice-box">
              <label class="choice" data-model={model.id}>
                <input
                  type="radio"
                  name="model"
                  checked={chosen() === model.id}
                  disabled={busy() !== undefined}
                  onChange={() => void apply(model, device())}
                />
                <span class="choice-text">
                  <span class="choice-name">{model.name}</span>
                  <span>{model.about}</span>
                  <span class="choice-figures">
                    {downloadOf(model, storedOf(model))} · {qualityOf(model)}
                  </span>
                </span>
              </label>
              <Show when={busy() === model.id}>
                <p class="choice-action" role="status">
                  {progress()}
                  <Show when={fetched()}>
                    <button type="button" class="link" onClick={cancelFetching}>
                      Cancel
                    </button>
                  </Show>
                </p>
              </Show>
              <Show when={busy() === undefined && chosen() !== model.id && storedOf(model).bytes > 0}>
                <p class="choice-action">
                  <button type="button" class="link" onClick={() => void forget(model)}>
                    {storedOf(model).complete
                      ? `Remove ${model.name} from this device`
                      : `Remove what was fetched of ${model.name}`}
                  </button>
                </p>
              </Show>
              <Show when={busy() === undefined && chosen() === model.id && failed() && model.hub}>
                <p class="choice-action">
                  <button type="button" class="link" onClick={() => void apply(model, device())}>
                    Fetch {model.name} again
                  </button>
                </p>
              </Show>
            </div>
          )}
        </For>
      </div>
      <p class="settings-note">
        What comes from huggingface.co is fetched once, by a page of this app that never opens your documents;
        this one may speak to no other site. The hub sees which model you fetch, and your address.
      </p>
      <p class="settings-note">
        Retrieval: nDCG@10 on Cranfield by meaning alone. Similarity: Spearman correlation on STS-B. Higher is
        better.
      </p>
      <Show when={!isStatic()}>
        <label class="field">
          Where it runs
          <select
            disabled={busy() !== undefined}
            onChange={(event) => void apply(current(), event.currentTarget.value as Settings['device'])}
          >
            <For each={DEVICES}>
              {([value, label]) => (
                <option value={value} selected={device() === value}>
                  {label}
                </option>
              )}
            </For>
          </select>
        </label>
      </Show>
      <Show when={error()}>
        <p class="error-text" role="alert">
          {error()}
        </p>
      </Show>
      <Show when={props.client.stats()?.move}>
        {(move) => (
          <p class="settings-note" role="status">
            {count(move().documents)} of {count(move().totalDocuments)} documents moved to the new model.
          </p>
        )}
      </Show>
    </section>
  );
}

function downloadOf({ download, hub }: ModelChoice, stored: { bytes: number; complete: boolean }): string {
  if (download === 0) return 'nothing to download';
  if (stored.complete) return `${bytes(stored.bytes)} on this device`;
  const from = hub === undefined ? '' : ' from huggingface.co';
  if (stored.bytes === 0) return `${bytes(download)} to download${from}`;
  return `${bytes(stored.bytes)} of ${bytes(download)} fetched, the rest to download${from}`;
}

function qualityOf({ quality }: ModelChoice): string {
  if (!quality) return 'quality not measured here';
  return `retrieval ${quality.retrieval.toFixed(3)} · similarity ${quality.similarity.toFixed(3)}`;
}

function share(
  doing: string,
  progress: { loaded: number; total?: number | undefined } | undefined,
): string | undefined {
  if (!progress) return undefined;
  return progress.total ? `${doing}, ${Math.round((progress.loaded / progress.total) * 100)} %` : `${doing}…`;
}
