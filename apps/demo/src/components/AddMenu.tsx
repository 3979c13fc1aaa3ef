import { createSignal, onCleanup, onMount, Show, type JSX } from 'solid-js';
import { fromPicker } from '../import/collect.ts';
import { ACCEPT } from '../import/detect.ts';
import type { SourceFile } from '../import/types.ts';
import { Icon } from './Icon.tsx';

export interface AddActions {
  onFiles(files: SourceFile[]): void;
  onSamples(): void;
}

/** Two file pickers; the buttons that open them are the caller's. */
export function Pickers(props: {
  onFiles(files: SourceFile[]): void;
  children(open: { files(): void; folder(): void }): JSX.Element;
}): JSX.Element {
  let files!: HTMLInputElement;
  let folder!: HTMLInputElement;
  const onChange = (event: Event & { currentTarget: HTMLInputElement }): void => {
    const input = event.currentTarget;
    if (input.files && input.files.length > 0) props.onFiles(fromPicker(input.files));
    // So that the same file can be chosen again.
    input.value = '';
  };
  return (
    <>
      <input
        ref={files}
        type="file"
        multiple
        accept={ACCEPT}
        hidden
        onChange={onChange}
        data-picker="files"
      />
      <input
        ref={folder}
        type="file"
        multiple
        hidden
        onChange={onChange}
        data-picker="folder"
        prop:webkitdirectory={true}
      />
      {props.children({ files: () => files.click(), folder: () => folder.click() })}
    </>
  );
}

/** "Add" with its ways to add. */
export function AddMenu(props: AddActions): JSX.Element {
  const [open, setOpen] = createSignal(false);
  let root!: HTMLDivElement;
  let button!: HTMLButtonElement;
  const close = (refocus: boolean): void => {
    setOpen(false);
    if (refocus) button.focus();
  };
  const onOutside = (event: Event): void => {
    if (open() && event.target instanceof Node && !root.contains(event.target)) close(false);
  };
  onMount(() => {
    document.addEventListener('pointerdown', onOutside);
    document.addEventListener('focusin', onOutside);
    onCleanup(() => {
      document.removeEventListener('pointerdown', onOutside);
      document.removeEventListener('focusin', onOutside);
    });
  });
  const choose = (action: () => void) => () => {
    close(true);
    action();
  };
  return (
    <div
      ref={root}
      class="add-menu"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && open()) {
          event.stopPropagation();
          close(true);
        }
      }}
    >
      <button
        ref={button}
        type="button"
        class="button button-primary"
        aria-expanded={open()}
        aria-controls="add-choices"
        onClick={() => setOpen((was) => !was)}
      >
        <Icon name="add" />
        <span class="wide-only">Add</span>
        <span class="narrow-only visually-hidden">Add documents</span>
      </button>
      <Pickers onFiles={props.onFiles}>
        {(pick) => (
          <Show when={open()}>
            <div id="add-choices" class="menu">
              <button type="button" onClick={choose(pick.files)}>
                Files…
              </button>
              <button type="button" onClick={choose(pick.folder)}>
                A folder…
              </button>
              <button type="button" onClick={choose(props.onSamples)}>
                The sample collection
              </button>
              <p>Or drop files and folders anywhere. They stay on this device.</p>
            </div>
          </Show>
        )}
      </Pickers>
    </div>
  );
}
