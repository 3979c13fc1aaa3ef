import type { SearchStats } from '@burrow/worker';
import { For, Show, type JSX } from 'solid-js';

type Report = NonNullable<SearchStats['model']['backend']>;

const NAMES: Record<string, string> = {
  static: 'Static table',
  kernels: 'Own kernels (WebAssembly)',
  wasm: 'ONNX Runtime on the CPU',
  webgpu: 'ONNX Runtime on the GPU',
  hash: 'Hashing, without a model',
};

const OUTCOMES: Record<Report['candidates'][number]['outcome'], string> = {
  chosen: 'runs',
  slower: 'slower',
  failed: 'failed',
  unavailable: 'not here',
  incorrect: 'wrong results',
};

/** What runs the model, and for everything else why it does not. */
export function BackendReport(props: { report: Report | undefined }): JSX.Element {
  return (
    <section class="settings-section" aria-labelledby="backend-title">
      <h3 id="backend-title">What runs it</h3>
      <Show when={props.report} fallback={<p class="settings-intro">Nothing yet: the model is loading.</p>}>
        {(report) => (
          <ul class="candidates">
            <For each={report().candidates}>
              {(candidate) => (
                <li data-outcome={candidate.outcome}>
                  <span class="candidate-name">
                    {NAMES[candidate.device] ?? candidate.device}
                    <span class="candidate-kind">
                      {' '}
                      {candidate.dtype}
                      {candidate.threads > 1 ? `, ${candidate.threads} threads` : ''}
                    </span>
                  </span>
                  <span class="candidate-outcome">{OUTCOMES[candidate.outcome]}</span>
                  <span class="candidate-reason">
                    {candidate.reason}
                    <Show when={candidate.textsPerSecond}>
                      {(rate) => <> {Math.round(rate())} texts a second.</>}
                    </Show>
                  </span>
                </li>
              )}
            </For>
          </ul>
        )}
      </Show>
      <p class="settings-note">
        {globalThis.crossOriginIsolated
          ? 'This page is isolated, so models may use several threads.'
          : 'This page is not isolated, so models run on one thread each.'}
      </p>
    </section>
  );
}
