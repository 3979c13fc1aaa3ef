import type { SearchStats } from '@burrow/worker';
import { Show, type JSX } from 'solid-js';
import { bytes, count, duration, plural } from '../format.ts';
import { MODELS } from '../models.ts';
import type { ImportState } from '../primitives/create-import.ts';

interface StatusLineProps {
  stats: SearchStats | undefined;
  failed: boolean;
  online: boolean;
  imports: ImportState;
  onSettings(): void;
}

/** One line that tells the truth at all times. */
export function StatusLine(props: StatusLineProps): JSX.Element {
  return (
    <footer class="status-line">
      <Show when={props.stats} fallback={<span>{props.failed ? 'The index is not open' : 'Opening…'}</span>}>
        {(stats) => (
          <>
            <span data-status="documents">
              {plural(stats().documents, 'document')}, {plural(stats().chunks, 'passage')}
            </span>
            <button type="button" class="status-model" data-status="model" onClick={() => props.onSettings()}>
              {modelLine(stats())}
            </button>
            <span data-status="storage">{storageLine(stats())}</span>
            <Show when={props.imports.phase === 'running'}>
              <span data-status="import">
                Adding {count(Math.round(props.imports.documentsPerSecond))} documents a second
                <Show when={props.imports.secondsLeft}>{(left) => <>, {duration(left())} left</>}</Show>
              </span>
            </Show>
            <Show when={stats().move}>
              {(move) => (
                <span data-status="move">
                  Moving to {modelName(move().to)}: {count(move().documents)} of{' '}
                  {count(move().totalDocuments)}
                </span>
              )}
            </Show>
          </>
        )}
      </Show>
      <span class="status-network" classList={{ 'is-offline': !props.online }} data-status="network">
        {props.online ? 'Online, but nothing is sent' : 'Offline: everything still works'}
      </span>
    </footer>
  );
}

/** What people call a model. */
export function modelName(id: string): string {
  return (
    MODELS.find((model) => id === model.id || id.endsWith(`/${model.id}`))?.name ??
    id.slice(id.lastIndexOf('/') + 1)
  );
}

const DEVICES: Record<string, string> = {
  static: 'on the CPU',
  wasm: 'on the CPU',
  kernels: 'on the CPU, own kernels',
  webgpu: 'on the GPU',
  hash: 'without a model',
};

function modelLine({ model }: SearchStats): string {
  const name = modelName(model.id);
  if (model.state === 'failed') return `${name} could not be loaded; searching by words`;
  if (model.state === 'loading') {
    const { loaded, total } = model.progress ?? { loaded: 0, total: undefined };
    return total ? `${name} is loading, ${Math.round((loaded / total) * 100)} %` : `${name} is loading`;
  }
  const backend = model.backend;
  if (!backend) return name;
  const threads = backend.threads > 1 ? `, ${backend.threads} threads` : '';
  return `${name} ${DEVICES[backend.device] ?? backend.device}${threads}`;
}

function storageLine({ storage }: SearchStats): string {
  const size = storage.usage === undefined ? '' : `${bytes(storage.usage)} `;
  if (storage.kind === 'memory') return 'Not stored: gone when the tab is closed';
  return `${size}on this device${storage.kind === 'indexeddb' ? ' (IndexedDB)' : ''}`;
}
