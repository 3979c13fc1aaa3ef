import { createSignal, Show, type JSX } from 'solid-js';
import { asAppError, type Client } from '../client.ts';
import { exportDocuments } from '../export.ts';
import { bytes, plural } from '../format.ts';

const KINDS = {
  opfs: 'in this browser’s private file system',
  indexeddb: 'in IndexedDB, as the private file system is missing here',
  memory: 'in memory only: it is gone when the tab is closed',
} as const;

/** Where documents are kept, how to take them out, and how to remove them all. */
export function StorageSettings(props: { client: Client }): JSX.Element {
  const [confirming, setConfirming] = createSignal(false);
  const [message, setMessage] = createSignal<string>();
  const stats = () => props.client.stats();

  const attempt = (action: () => Promise<string>) => async (): Promise<void> => {
    try {
      setMessage(await action());
    } catch (error) {
      setMessage(asAppError(error).message);
    }
    await props.client.refresh();
  };
  const persist = attempt(async () => {
    const agreed = await props.client.search()?.persist();
    return agreed
      ? 'The browser will not remove it to make room.'
      : 'The browser did not agree; it may agree once you use Burrow more often.';
  });
  const save = attempt(async () => {
    const search = props.client.search();
    if (!search) return 'The index is not open.';
    return `${plural(await exportDocuments(search), 'document')} exported.`;
  });
  const clear = attempt(async () => {
    setConfirming(false);
    await props.client.search()?.clear();
    return 'All documents were removed from this device.';
  });

  return (
    <section class="settings-section" aria-labelledby="storage-title">
      <h3 id="storage-title">Storage</h3>
      <Show when={stats()}>
        {(now) => (
          <p class="settings-intro">
            {plural(now().documents, 'document')} {KINDS[now().storage.kind]}.{' '}
            <Show when={now().storage.usage !== undefined}>
              Burrow uses {bytes(now().storage.usage ?? 0)}
              <Show when={now().storage.quota}>{(quota) => <> of {bytes(quota())} that it may use</>}</Show>.
            </Show>{' '}
            {now().role === 'follower' ? 'Another tab holds the files; this one works through it.' : ''}
          </p>
        )}
      </Show>
      <div class="button-row">
        <button type="button" class="button" onClick={() => void save()}>
          Export documents
        </button>
        <Show when={stats()?.storage.persisted === false}>
          <button type="button" class="button" onClick={() => void persist()}>
            Keep it safe
          </button>
        </Show>
        <Show
          when={confirming()}
          fallback={
            <button
              type="button"
              class="button button-danger"
              disabled={!stats()?.documents}
              onClick={() => setConfirming(true)}
            >
              Remove everything…
            </button>
          }
        >
          <button type="button" class="button button-danger" onClick={() => void clear()}>
            Really remove {plural(stats()?.documents ?? 0, 'document')}
          </button>
          <button type="button" class="button" onClick={() => setConfirming(false)}>
            Keep them
          </button>
        </Show>
      </div>
      <p class="settings-note" role="status">
        {message()}
      </p>
    </section>
  );
}
