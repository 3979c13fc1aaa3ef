import type { QueryResult } from '@burrow/worker';
import { createEffect, createSignal, createUniqueId, For, on, Show, type JSX } from 'solid-js';
import { fieldsOf } from '../documents.ts';
import { layoutOf } from '../reading/blocks.ts';
import { excerptOf } from '../reading/excerpt.ts';
import { barsOf, marksOf, whyFound } from '../reading/explain.ts';
import { Excerpt } from './Excerpt.tsx';

type Hit = QueryResult['hits'][number];

interface ResultCardProps {
  hit: Hit;
  hits: readonly Hit[];
  mode: QueryResult['mode'];
  /** The meaning side is still being searched. */
  pending: boolean;
  open: boolean;
  onOpen(passage: number): void;
}

/** One result: title, where it comes from, the best passage, and which side found it. */
export function ResultCard(props: ResultCardProps): JSX.Element {
  const [explained, setExplained] = createSignal(false);
  const id = createUniqueId();
  const fields = () => fieldsOf(props.hit.document);
  const best = () => props.hit.passages[0];
  const bars = () => barsOf(props.hit, props.hits);
  // The card is reused for whatever is found next; an explanation belongs to the one it was opened for.
  createEffect(
    on(
      () => props.hit.id,
      () => setExplained(false),
      { defer: true },
    ),
  );
  return (
    <li class="result" classList={{ 'is-open': props.open }} data-id={props.hit.id}>
      <article aria-labelledby={`${id}-title`}>
        <h3>
          <button
            type="button"
            id={`${id}-title`}
            class="result-title"
            data-row
            aria-current={props.open ? 'true' : undefined}
            onClick={() => props.onOpen(0)}
          >
            {fields().title}
          </button>
        </h3>
        <p class="result-source">
          <span class="result-type">{fields().type}</span>
          <span class="result-path">{fields().source}</span>
        </p>
        <Show when={best()}>
          {(passage) => (
            <>
              <Show when={passage().headings.at(-1)}>
                {(heading) => (
                  <Show when={heading() !== fields().title}>
                    <p class="result-heading">{heading()}</p>
                  </Show>
                )}
              </Show>
              <p class="result-passage">
                <Excerpt
                  parts={excerptOf(
                    { ...passage(), highlights: marksOf(props.hit, passage()) },
                    layoutOf(fields()),
                  )}
                />
              </p>
            </>
          )}
        </Show>
        <button
          type="button"
          class="sides"
          aria-expanded={explained()}
          aria-controls={`${id}-why`}
          onClick={() => setExplained((was) => !was)}
        >
          <span class="side">
            words
            <span class="visually-hidden">{`match ${strength(bars().words)},`}</span>
            <span class="bar bar-words" style={{ '--share': bars().words }} />
          </span>
          <span class="side" classList={{ 'is-pending': props.pending }}>
            meaning
            <span class="visually-hidden">
              {props.pending ? 'is being compared,' : `matches ${strength(bars().meaning)},`}
            </span>
            <span class="bar bar-meaning" style={{ '--share': bars().meaning }} />
          </span>
          <span class="why-hint">why?</span>
        </button>
        <div id={`${id}-why`} hidden={!explained()}>
          <Show when={explained()}>
            <Why hit={props.hit} mode={props.mode} />
          </Show>
        </div>
      </article>
    </li>
  );
}

/** A bar in words. */
function strength(share: number): string {
  if (share === 0) return 'not at all';
  return share > 0.75 ? 'strongly' : share > 0.4 ? 'clearly' : 'weakly';
}

function Why(props: { hit: Hit; mode: QueryResult['mode'] }): JSX.Element {
  const why = () => whyFound(props.hit, props.mode);
  return (
    <dl class="why">
      <For
        each={
          [
            ['Words', why().words],
            ['Meaning', why().meaning],
            ['Together', why().together],
          ] as const
        }
      >
        {([side, sentences]) => (
          <Show when={sentences.length > 0}>
            <dt>{side}</dt>
            <dd>
              <For each={sentences}>{(sentence) => <p>{sentence}</p>}</For>
            </dd>
          </Show>
        )}
      </For>
    </dl>
  );
}
