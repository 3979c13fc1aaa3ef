import type { Search } from '@burrow/worker';
import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js';
import { asAppError, type AppError } from '../client.ts';
import { fieldsOf, type DocumentFields } from '../documents.ts';
import { layOutBlocks, layoutOf, type Block } from '../reading/blocks.ts';

/** What is to be read, and where in it. */
export interface ReadingTarget {
  id: string;
  /** UTF-16 offsets into the document's text. */
  passage?: { start: number; end: number };
  highlights: [start: number, end: number][];
}

export interface OpenDocument {
  fields: DocumentFields;
  text: string;
  blocks: Block[];
}

export interface ReadingPrimitive {
  target: Accessor<ReadingTarget | undefined>;
  document: Accessor<OpenDocument | undefined>;
  error: Accessor<AppError | undefined>;
  open(target: ReadingTarget): void;
  close(): void;
}

/** The document on show. Opening one makes an entry in the tab's history, so that "back" leads out of it. */
export function createReading(search: Accessor<Search | undefined>): ReadingPrimitive {
  const [target, setTarget] = createSignal<ReadingTarget>();
  const [document, setDocument] = createSignal<OpenDocument>();
  const [error, setError] = createSignal<AppError>();

  createEffect(
    on([search, target], ([engine, wanted]) => {
      if (!wanted || !engine) return void (wanted || setDocument(undefined));
      if (document()?.fields.id === wanted.id) return;
      setError(undefined);
      let current = true;
      onCleanup(() => (current = false));
      engine.get(wanted.id).then(
        (found) => {
          if (!current) return;
          if (!found) {
            setDocument(undefined);
            setError({
              code: 'gone',
              message: 'This document is no longer here: it was removed, perhaps in another tab.',
            });
            return;
          }
          const fields = fieldsOf(found);
          setDocument({ fields, text: found.text, blocks: layOutBlocks(found.text, layoutOf(fields)) });
        },
        (reason: unknown) => {
          if (current) setError(asAppError(reason));
        },
      );
    }),
  );

  const onPopState = (event: PopStateEvent): void => {
    const state = event.state as { reading?: ReadingTarget } | null;
    setTarget(state?.reading);
  };
  window.addEventListener('popstate', onPopState);
  onCleanup(() => window.removeEventListener('popstate', onPopState));

  return {
    target,
    document,
    error,
    open(next) {
      const state = { reading: next };
      if (target()) history.replaceState(state, '');
      else history.pushState(state, '');
      setTarget(next);
    },
    close() {
      if (!target()) return;
      setTarget(undefined);
      if ((history.state as { reading?: unknown } | null)?.reading) history.back();
    },
  };
}
