import { For, type JSX } from 'solid-js';
import type { Route } from '../route.ts';

export interface FilterChoices {
  machines: string[];
  suites: string[];
  models: string[];
}

/** What is shown: the choices of the data, kept in the address. */
export function Filters(props: {
  choices: FilterChoices;
  route: Route;
  onChange: (change: Partial<Route>) => void;
}): JSX.Element {
  const select = (
    label: string,
    name: 'machine' | 'suite' | 'model',
    options: () => string[],
  ): JSX.Element => (
    <label>
      <span>{label}</span>
      <select
        value={props.route[name]}
        onChange={(event) => props.onChange({ [name]: event.currentTarget.value })}
      >
        <option value="">all</option>
        <For each={options()}>
          {(option) => (
            <option value={option} selected={option === props.route[name]}>
              {option}
            </option>
          )}
        </For>
      </select>
    </label>
  );
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      {select('Machine', 'machine', () => props.choices.machines)}
      {select('Suite', 'suite', () => props.choices.suites)}
      {select('Model', 'model', () => props.choices.models)}
      <label class="check">
        <input
          type="checkbox"
          checked={props.route.quick}
          onChange={(event) => props.onChange({ quick: event.currentTarget.checked })}
        />
        <span>show quick runs</span>
      </label>
    </form>
  );
}
