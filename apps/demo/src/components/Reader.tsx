import { createEffect, createMemo, createSignal, For, on, Show, type JSX } from 'solid-js';
import { day } from '../format.ts';
import type { OpenDocument, ReadingPrimitive, ReadingTarget } from '../primitives/create-reading.ts';
import type { Block } from '../reading/blocks.ts';
import { blockAt } from '../reading/marks.ts';
import { ReaderBlock } from './ReaderBlock.tsx';
import { Icon } from './Icon.tsx';

/** Blocks that are in the page at once; more are added at either end as a person reads on. */
const BLOCKS = 120;

interface ReaderProps {
  reading: ReadingPrimitive;
  onClose(): void;
  onRemove(id: string, title: string): void;
}

/** The document on show, opened at the passage that was found. */
export function Reader(props: ReaderProps): JSX.Element {
  return (
    <section class="reader" aria-label="Document">
      <Show
        when={props.reading.error()}
        fallback={
          <Show
            when={props.reading.document()}
            fallback={<ReaderHint waiting={props.reading.target() !== undefined} />}
          >
            {(open) => (
              <Show when={props.reading.target()}>
                {(target) => (
                  <ReaderDocument
                    open={open()}
                    target={target()}
                    onClose={props.onClose}
                    onRemove={props.onRemove}
                  />
                )}
              </Show>
            )}
          </Show>
        }
      >
        {(error) => (
          <div class="empty" role="alert">
            <h2>This document cannot be shown</h2>
            <p>{error().message}</p>
            <button type="button" class="button" onClick={() => props.onClose()}>
              Back to the list
            </button>
          </div>
        )}
      </Show>
    </section>
  );
}

function ReaderHint(props: { waiting: boolean }): JSX.Element {
  return (
    <div class="empty reader-hint">
      <Show when={!props.waiting} fallback={<p aria-live="polite">Opening…</p>}>
        <p>Choose a document to read it here.</p>
        <p class="keys">
          <kbd>↓</kbd> <kbd>↑</kbd> walk · <kbd>Enter</kbd> opens · <kbd>Esc</kbd> goes back · <kbd>/</kbd>{' '}
          searches
        </p>
      </Show>
    </div>
  );
}

function ReaderDocument(props: {
  open: OpenDocument;
  target: ReadingTarget;
  onClose(): void;
  onRemove(id: string, title: string): void;
}): JSX.Element {
  let scroll!: HTMLDivElement;
  const [first, setFirst] = createSignal(0);
  const [last, setLast] = createSignal(BLOCKS);
  const passage = () => props.target.passage;
  const start = createMemo(() => blockAt(props.open.blocks, passage()?.start ?? 0));
  /** The blocks on show: before the passage, in it, after it. */
  const shown = createMemo((): [Block[], Block[], Block[]] => {
    const blocks = props.open.blocks.slice(first(), last());
    const within = passage();
    if (!within) return [[], [], blocks];
    return [
      blocks.filter(({ end }) => end <= within.start),
      blocks.filter(({ start, end }) => start < within.end && end > within.start),
      blocks.filter(({ start }) => start >= within.end),
    ];
  });
  const render = (block: Block): JSX.Element => (
    <ReaderBlock block={block} text={props.open.text} marks={props.target.highlights} />
  );

  createEffect(
    on([() => props.open, () => props.target], () => {
      const from = Math.max(0, start() - 20);
      setFirst(from);
      setLast(Math.max(from + BLOCKS, start() + BLOCKS));
      queueMicrotask(() => {
        const target = passage() ? scroll.querySelector('[data-passage]') : undefined;
        if (target) target.scrollIntoView({ block: 'start' });
        else scroll.scrollTop = 0;
        scroll.focus({ preventScroll: true });
      });
    }),
  );

  /** Adds blocks at the end that is near; what is above keeps its place on the screen. */
  const onScroll = (): void => {
    const margin = 600;
    if (
      last() < props.open.blocks.length &&
      scroll.scrollTop + scroll.clientHeight > scroll.scrollHeight - margin
    ) {
      setLast((end) => Math.min(props.open.blocks.length, end + BLOCKS));
    }
    if (first() > 0 && scroll.scrollTop < margin) {
      const before = scroll.scrollHeight;
      setFirst((begin) => Math.max(0, begin - BLOCKS));
      scroll.scrollTop += scroll.scrollHeight - before;
    }
  };

  const fields = () => props.open.fields;
  return (
    <>
      <header class="reader-head">
        <button type="button" class="button-plain reader-back" onClick={() => props.onClose()}>
          <Icon name="back" />
          <span>Back</span>
        </button>
        <div class="reader-names">
          <h2>{fields().title}</h2>
          <p>
            {fields().source}
            <Show when={fields().date}>{(date) => <> · {day(date())}</>}</Show>
          </p>
        </div>
        <button
          type="button"
          class="button-plain"
          aria-label={`Remove ${fields().title}`}
          title="Remove"
          onClick={() => props.onRemove(fields().id, fields().title)}
        >
          <Icon name="remove" />
        </button>
      </header>
      <div
        ref={scroll}
        class="reader-scroll"
        tabindex="0"
        role="region"
        aria-label={`Text of ${fields().title}`}
        onScroll={onScroll}
      >
        <div class="reader-text" classList={{ 'is-plain': fields().format === 'plain' }}>
          <For each={shown()[0]}>{render}</For>
          <div class="passage" data-passage>
            <For each={shown()[1]}>{render}</For>
          </div>
          <For each={shown()[2]}>{render}</For>
        </div>
      </div>
    </>
  );
}
