import { createSignal, For, Show, type JSX } from 'solid-js';
import { asAppError, type Client } from '../client.ts';
import { bytes, count } from '../format.ts';
import { MODELS, type ModelChoice } from '../models.ts';
import { readSettings, writeSettings, type Settings } from '../settings.ts';

const DEVICES: readonly [Settings['device'], string][] = [
  ['auto', 'The fastest that is correct here'],
  ['webgpu', 'GPU (WebGPU)'],
  ['wasm', 'CPU (ONNX Runtime)'],
];

/** Which model finds by meaning, with its size and measured quality, and where it runs. */
export function ModelSettings(props: { client: Client }): JSX.Element {
  const [chosen, setChosen] = createSignal(readSettings().model);
  const [device, setDevice] = createSignal(readSettings().device);
  const [busy, setBusy] = createSignal<string>();
  const [error, setError] = createSignal<string>();
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
      await search.setModel(await model.load(), { device: model.id === 'static-en' ? 'auto' : where });
      writeSettings({ model: model.id, device: where });
    } catch (reason) {
      setChosen(before.model);
      setDevice(before.device);
      setError(`${model.name} could not be used: ${asAppError(reason).message} The model before it stays.`);
    } finally {
      setBusy(undefined);
      await props.client.refresh();
    }
  };
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
                  {model.download === 0 ? 'nothing to download' : `${bytes(model.download)} to download`} ·
                  retrieval {model.retrieval.toFixed(3)} · similarity {model.similarity.toFixed(3)}
                </span>
              </span>
              <Show when={busy() === model.id}>
                <span class="choice-busy">{progressOf(props.client)}</span>
              </Show>
            </label>
          )}
        </For>
      </div>
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

function progressOf(client: Client): string {
  const progress = client.stats()?.model.progress;
  return progress?.total ? `loading, ${Math.round((progress.loaded / progress.total) * 100)} %` : 'loading…';
}
