import { For, Show, type JSX } from 'solid-js';
import type { AppNotice } from '../client.ts';
import { Icon } from './Icon.tsx';

/** What happened, told once, politely; stays until it is dismissed. */
export function Notices(props: { notices: AppNotice[]; onDismiss(key: number): void }): JSX.Element {
  return (
    <div class="notices" role="status">
      <For each={props.notices}>
        {(notice) => (
          <p class="notice">
            <span>{notice.text}</span>
            <Show when={notice.action}>
              {(action) => (
                <button
                  type="button"
                  class="link"
                  onClick={() => {
                    action().run();
                    props.onDismiss(notice.key);
                  }}
                >
                  {action().label}
                </button>
              )}
            </Show>
            <button
              type="button"
              class="button-plain"
              aria-label="Dismiss"
              onClick={() => props.onDismiss(notice.key)}
            >
              <Icon name="close" />
            </button>
          </p>
        )}
      </For>
    </div>
  );
}
