import { createSignal, onCleanup, onMount, Show, type JSX } from 'solid-js';
import { fromDrop } from '../import/collect.ts';
import type { SourceFile } from '../import/types.ts';

/** Files may be dropped anywhere on the page; while they hover, the page says so. */
export function DropOverlay(props: {
  onFiles(files: SourceFile[]): void;
  onError(error: unknown): void;
}): JSX.Element {
  const [depth, setDepth] = createSignal(0);
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  const onEnter = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setDepth((count) => count + 1);
  };
  const onLeave = (event: DragEvent): void => {
    if (hasFiles(event)) setDepth((count) => Math.max(0, count - 1));
  };
  const onOver = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  };
  const onDrop = (event: DragEvent): void => {
    if (!hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    setDepth(0);
    fromDrop(event.dataTransfer.items).then(
      (files) => props.onFiles(files),
      (error: unknown) => props.onError(error),
    );
  };
  onMount(() => {
    const listeners = { dragenter: onEnter, dragleave: onLeave, dragover: onOver, drop: onDrop };
    for (const [type, listener] of Object.entries(listeners))
      window.addEventListener(type, listener as EventListener);
    onCleanup(() => {
      for (const [type, listener] of Object.entries(listeners))
        window.removeEventListener(type, listener as EventListener);
    });
  });
  return (
    <Show when={depth() > 0}>
      <div class="drop-overlay">
        <p>Drop to add. Everything stays on this device.</p>
      </div>
    </Show>
  );
}
