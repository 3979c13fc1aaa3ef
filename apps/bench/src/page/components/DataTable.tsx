import { For, Show, type JSX } from 'solid-js';

export interface Column<T> {
  title: string;
  cell: (row: T) => JSX.Element;
  /** Aligned to the right, with figures of equal width. */
  numeric?: boolean;
}

/** A table that scrolls by itself where it is wider than the page; the first column names the row. */
export function DataTable<T>(props: {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  hideCaption?: boolean;
}): JSX.Element {
  return (
    <div class="table" role="region" aria-label={props.caption} tabindex="0">
      <table>
        <caption class={props.hideCaption ? 'visually-hidden' : undefined}>{props.caption}</caption>
        <thead>
          <tr>
            <For each={props.columns}>
              {(column) => (
                <th scope="col" class={column.numeric ? 'number' : undefined}>
                  {column.title}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {(row) => (
              <tr>
                <For each={props.columns}>
                  {(column, i) => (
                    <Show
                      when={i() === 0}
                      fallback={<td class={column.numeric ? 'number' : undefined}>{column.cell(row)}</td>}
                    >
                      <th scope="row">{column.cell(row)}</th>
                    </Show>
                  )}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}
