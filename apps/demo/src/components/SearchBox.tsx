import { onCleanup, onMount, Show, type JSX } from 'solid-js';
import { Icon } from './Icon.tsx';

interface SearchBoxProps {
  query: string;
  busy: boolean;
  onQuery(query: string): void;
  /** Down or Enter: to the results. */
  onEnterResults(): void;
}

/** The search box: has the focus from the start, and gets it back with "/" and Ctrl or Cmd and K. */
export function SearchBox(props: SearchBoxProps): JSX.Element {
  let input!: HTMLInputElement;

  const onShortcut = (event: KeyboardEvent): void => {
    const slash = event.key === '/' && !event.ctrlKey && !event.metaKey && !isEditing(event.target);
    const commandK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey);
    if (!slash && !commandK) return;
    if (document.querySelector('dialog[open]')) return;
    event.preventDefault();
    input.focus();
    input.select();
  };
  onMount(() => {
    input.focus();
    document.addEventListener('keydown', onShortcut);
    onCleanup(() => document.removeEventListener('keydown', onShortcut));
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || (event.key === 'Enter' && !event.isComposing)) {
      event.preventDefault();
      props.onEnterResults();
    } else if (event.key === 'Escape' && props.query !== '') {
      event.preventDefault();
      props.onQuery('');
    }
  };

  return (
    <search class="search-box">
      <Icon name="search" />
      <input
        ref={input}
        id="query"
        type="text"
        inputmode="search"
        enterkeyhint="search"
        aria-label="Search your documents"
        placeholder="Search by words or meaning"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={props.query}
        onInput={(event) => props.onQuery(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <span class="search-busy" classList={{ 'is-busy': props.busy }} aria-hidden="true" />
      <Show
        when={props.query !== ''}
        fallback={
          <kbd class="search-key" aria-hidden="true">
            /
          </kbd>
        }
      >
        <button
          type="button"
          class="button-plain"
          aria-label="Clear the search"
          onClick={() => {
            props.onQuery('');
            input.focus();
          }}
        >
          <Icon name="close" />
        </button>
      </Show>
    </search>
  );
}

function isEditing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
