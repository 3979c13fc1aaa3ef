import { For, Show, type JSX } from 'solid-js';
import type { ExcerptPart } from '../reading/excerpt.ts';

/** Words of a passage with the matching ones marked. Only ever text: nothing of a document becomes markup. */
export function Excerpt(props: { parts: readonly ExcerptPart[] }): JSX.Element {
  return (
    <For each={props.parts}>
      {(part) => (
        <Show when={part.marked} fallback={part.text}>
          <mark>{part.text}</mark>
        </Show>
      )}
    </For>
  );
}
