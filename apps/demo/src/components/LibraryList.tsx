import { Index, Show, type JSX } from 'solid-js';
import { count } from '../format.ts';
import type { LibraryPrimitive } from '../primitives/create-library.ts';
import { createWindow } from '../primitives/create-window.ts';
import { Icon } from './Icon.tsx';

/** Height of a row in pixels; styles.css has the same number. */
const ROW_HEIGHT = 60;

interface LibraryListProps {
  library: LibraryPrimitive;
  openId: string | undefined;
  onOpen(id: string): void;
  onRemove(id: string, title: string): void;
}

/** All documents while nothing is searched for. Only rows in view are in the page, however many there are. */
export function LibraryList(props: LibraryListProps): JSX.Element {
  let box!: HTMLDivElement;
  const range = createWindow(
    () => box,
    ROW_HEIGHT,
    () => props.library.total(),
  );
  const rows = (): number[] =>
    Array.from({ length: range().last - range().first }, (_, offset) => range().first + offset);
  return (
    <div class="library">
      <h2 class="list-headline">{`Your documents (${count(props.library.total())})`}</h2>
      <Show when={props.library.total() === 0}>
        <p class="hint">They appear here as soon as they are stored on this device.</p>
      </Show>
      <div ref={box} class="library-scroll" tabindex="-1">
        <ol class="library-list" data-rows style={{ height: `${props.library.total() * ROW_HEIGHT}px` }}>
          <Index each={rows()}>
            {(index) => {
              const fields = () => props.library.at(index());
              return (
                <li
                  class="library-row"
                  aria-setsize={props.library.total()}
                  aria-posinset={index() + 1}
                  style={{ transform: `translateY(${index() * ROW_HEIGHT}px)` }}
                >
                  <Show when={fields()} fallback={<span class="library-waiting" aria-hidden="true" />}>
                    {(known) => (
                      <>
                        <button
                          type="button"
                          class="library-open"
                          data-row
                          aria-current={props.openId === known().id ? 'true' : undefined}
                          onClick={() => props.onOpen(known().id)}
                        >
                          <span class="library-title">{known().title}</span>
                          <span class="library-source">
                            {known().type} · {known().source}
                          </span>
                        </button>
                        <button
                          type="button"
                          class="button-plain library-remove"
                          aria-label={`Remove ${known().title}`}
                          title="Remove"
                          onClick={() => props.onRemove(known().id, known().title)}
                        >
                          <Icon name="remove" />
                        </button>
                      </>
                    )}
                  </Show>
                </li>
              );
            }}
          </Index>
        </ol>
      </div>
    </div>
  );
}
