/** Elements that the arrow keys walk through carry this attribute. */
const ROW = '[data-row]';

/** Focus on the first row of the list, if there is one. */
export function focusFirstRow(): void {
  document.querySelector<HTMLElement>(`[data-rows] ${ROW}`)?.focus();
}

/** Focus on the row that is open, else on the first. */
export function focusOpenRow(): void {
  const open = document.querySelector<HTMLElement>(`[data-rows] ${ROW}[aria-current="true"]`);
  if (open) open.focus();
  else focusFirstRow();
}

/** Arrow keys, Home and End walk through the rows of a list; up from the first goes to the search box. */
export function walkRows(event: KeyboardEvent): void {
  const target = event.target instanceof Element ? event.target.closest<HTMLElement>(ROW) : null;
  if (!target || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...(target.closest('[data-rows]')?.querySelectorAll<HTMLElement>(ROW) ?? [])];
  const at = rows.indexOf(target);
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
  const to = steps[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (to < 0) document.querySelector<HTMLElement>('#query')?.focus();
  else {
    const row = rows[Math.min(to, rows.length - 1)];
    row?.focus({ preventScroll: true });
    row?.closest('li')?.scrollIntoView({ block: 'nearest' });
  }
}
