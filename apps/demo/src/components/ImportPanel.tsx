import { createSignal, For, Show, type JSX } from 'solid-js';
import { count, duration, plural } from '../format.ts';
import type { ImportPrimitive } from '../primitives/create-import.ts';

/** How many failures are listed; more are counted. */
const SHOWN_FAILURES = 100;

/** An import as it goes on, and what became of it. */
export function ImportPanel(props: { imports: ImportPrimitive }): JSX.Element {
  const state = () => props.imports.state;
  const [listed, setListed] = createSignal(false);
  const progress = (): string => {
    const { files, filesDone, documents, documentsPerSecond, secondsLeft } = state();
    const parts = [files > 0 ? `${count(filesDone)} of ${count(files)}` : 'starting'];
    if (documents > 0)
      parts.push(plural(documents, 'document'), `${count(Math.round(documentsPerSecond))} a second`);
    if (secondsLeft !== undefined) parts.push(`about ${duration(secondsLeft)} left`);
    return parts.join(' · ');
  };
  const outcome = (): string => {
    const { phase, documents, failures } = state();
    const failed = failures.length > 0 ? `, ${plural(failures.length, 'problem')}` : '';
    if (phase === 'cancelled')
      return `Stopped adding ${state().name} after ${plural(documents, 'document')}${failed}. What was added stays.`;
    if (phase === 'failed')
      return `Adding ${state().name} stopped after ${plural(documents, 'document')}: ${state().error?.message ?? ''}`;
    return `Added ${plural(documents, 'document')} from ${state().name}${failed}.`;
  };
  return (
    <Show when={state().phase !== 'idle'}>
      <section class="import-panel" aria-label="Import" data-phase={state().phase}>
        <Show
          when={props.imports.isRunning()}
          fallback={
            <div class="import-line">
              <p class="import-outcome" role="status">
                {outcome()}
              </p>
              <Show when={state().failures.length > 0}>
                <button
                  type="button"
                  class="button"
                  aria-expanded={listed()}
                  onClick={() => setListed((was) => !was)}
                >
                  {listed() ? 'Hide problems' : 'Show problems'}
                </button>
              </Show>
              <Show when={state().phase === 'cancelled' || state().phase === 'failed'}>
                <button type="button" class="button button-primary" onClick={() => props.imports.resume()}>
                  Resume
                </button>
              </Show>
              <button type="button" class="button" onClick={() => props.imports.dismiss()}>
                Close
              </button>
            </div>
          }
        >
          <div class="import-line">
            <div class="import-progress">
              <p>
                <strong>Adding {state().name}</strong> <span class="import-figures">{progress()}</span>
              </p>
              <progress max="1" value={state().fraction} aria-label={`Adding ${state().name}`} />
            </div>
            <button type="button" class="button" onClick={() => props.imports.cancel()}>
              Cancel
            </button>
          </div>
        </Show>
        <Show when={listed() && !props.imports.isRunning()}>
          <div class="import-failures" tabindex="0" role="region" aria-label="Problems">
            <ul>
              <For each={state().failures.slice(0, SHOWN_FAILURES)}>
                {(failure) => <li data-code={failure.code}>{failure.message}</li>}
              </For>
            </ul>
          </div>
          <Show when={state().failures.length > SHOWN_FAILURES}>
            <p class="import-more">and {count(state().failures.length - SHOWN_FAILURES)} more</p>
          </Show>
        </Show>
      </section>
    </Show>
  );
}
