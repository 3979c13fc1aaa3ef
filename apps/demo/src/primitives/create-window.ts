import { createSignal, onCleanup, onMount, type Accessor } from 'solid-js';

export interface WindowedRange {
  first: number;
  /** One past the last. */
  last: number;
}

/** Which rows of a long list are in view, with some to spare. Rows are all `rowHeight` pixels high. */
export function rangeInView(
  scrollTop: number,
  height: number,
  rowHeight: number,
  total: number,
  spare = 8,
): WindowedRange {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const last = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return { first: Math.min(first, last), last };
}

/** Follows the scrolling of an element. */
export function createWindow(
  element: Accessor<HTMLElement>,
  rowHeight: number,
  total: Accessor<number>,
): Accessor<WindowedRange> {
  const [view, setView] = createSignal({ top: 0, height: 0 });
  onMount(() => {
    const box = element();
    const measure = (): void => void setView({ top: box.scrollTop, height: box.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    box.addEventListener('scroll', measure, { passive: true });
    measure();
    onCleanup(() => {
      observer.disconnect();
      box.removeEventListener('scroll', measure);
    });
  });
  return () => rangeInView(view().top, view().height, rowHeight, total());
}
