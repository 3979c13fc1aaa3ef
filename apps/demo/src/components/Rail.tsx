import type { QueryResult } from '@burrow/worker';
import { createSignal, For, Show, type JSX } from 'solid-js';
import { FACETS } from '../documents.ts';
import { count } from '../format.ts';
import type { Filters } from '../primitives/create-search.ts';
import { Icon } from './Icon.tsx';

interface RailProps {
  facets: QueryResult['facets'];
  filters: Filters;
  hasFilters: boolean;
  /** Whether there is room for it beside the results; else it folds to one line. */
  wide: boolean;
  onToggle(field: keyof Filters, value: string): void;
  onClear(): void;
}

/** Facets of what was found, as filters. Folds away. */
export function Rail(props: RailProps): JSX.Element {
  const [folded, setFolded] = createSignal<boolean>();
  const isFolded = (): boolean => folded() ?? !props.wide;
  const values = (field: keyof Filters): [string, number][] => {
    const counted = Object.entries((props.facets?.[field]?.values ?? {}) as Record<string, number>).filter(
      ([, found]) => found > 0,
    );
    // A chosen value stays on show where nothing has it any more, so that it can be taken back.
    const missing = props.filters[field].filter((value) => !counted.some(([known]) => known === value));
    return [...counted, ...missing.map((value): [string, number] => [value, 0])]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 12);
  };
  return (
    <aside class="rail" classList={{ 'is-folded': isFolded() }} aria-label="Filters">
      <div class="rail-head">
        <button
          type="button"
          class="button-plain rail-fold"
          aria-expanded={!isFolded()}
          aria-controls="rail-facets"
          onClick={() => setFolded(!isFolded())}
        >
          <Icon name="fold" />
          <span class="rail-title">Filters</span>
        </button>
        <Show when={props.hasFilters && !isFolded()}>
          <button type="button" class="link" onClick={() => props.onClear()}>
            Clear
          </button>
        </Show>
      </div>
      <div id="rail-facets" hidden={isFolded()}>
        <For each={FACETS}>
          {({ field, label }) => (
            <Show when={values(field).length > 0}>
              <fieldset class="facet">
                <legend>{label}</legend>
                <For each={values(field)}>
                  {([value, found]) => (
                    <label class="facet-value">
                      <input
                        type="checkbox"
                        checked={props.filters[field].includes(value)}
                        onChange={() => props.onToggle(field, value)}
                      />
                      <span class="facet-name">{value}</span>
                      <span class="facet-count">{count(found)}</span>
                    </label>
                  )}
                </For>
              </fieldset>
            </Show>
          )}
        </For>
      </div>
    </aside>
  );
}
