import { createEffect, type JSX } from 'solid-js';
import type { Client } from '../client.ts';
import type { Theme } from '../settings.ts';
import { BackendReport } from './BackendReport.tsx';
import { Icon } from './Icon.tsx';
import { ModelSettings } from './ModelSettings.tsx';
import { StorageSettings } from './StorageSettings.tsx';

interface SettingsSheetProps {
  open: boolean;
  client: Client;
  theme: Theme;
  onTheme(theme: Theme): void;
  onClose(): void;
}

const THEMES: readonly [Theme, string][] = [
  ['auto', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** Settings, at the side: model, what runs it, storage, appearance. */
export function SettingsSheet(props: SettingsSheetProps): JSX.Element {
  let dialog!: HTMLDialogElement;
  createEffect(() => {
    if (props.open && !dialog.open) {
      dialog.showModal();
      void props.client.refresh();
    } else if (!props.open && dialog.open) dialog.close();
  });
  const onClick = (event: MouseEvent): void => {
    // A click beside the sheet is on the dialog itself: its content covers the rest.
    if (event.target === dialog) props.onClose();
  };
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby="settings-title"
      onClose={() => props.onClose()}
      onClick={onClick}
    >
      <div class="sheet-content">
        <header class="sheet-head">
          <h2 id="settings-title">Settings</h2>
          <button
            type="button"
            class="button-plain"
            aria-label="Close the settings"
            onClick={() => props.onClose()}
          >
            <Icon name="close" />
          </button>
        </header>
        <ModelSettings client={props.client} open={props.open} />
        <BackendReport report={props.client.stats()?.model.backend} />
        <StorageSettings client={props.client} />
        <section class="settings-section" aria-labelledby="appearance-title">
          <h3 id="appearance-title">Appearance</h3>
          <div class="choices" role="radiogroup" aria-labelledby="appearance-title">
            {THEMES.map(([theme, label]) => (
              <label class="choice-inline">
                <input
                  type="radio"
                  name="theme"
                  value={theme}
                  checked={props.theme === theme}
                  onChange={() => props.onTheme(theme)}
                />
                {label}
              </label>
            ))}
          </div>
        </section>
      </div>
    </dialog>
  );
}
