import { createMemo, For, type JSX } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import type { Block, Run } from '../reading/blocks.ts';
import { cutAtMarks } from '../reading/marks.ts';

interface ReaderBlockProps {
  block: Block;
  text: string;
  marks: readonly (readonly [number, number])[];
}

/** A block of the document, with the words that were found marked. All of it is text, whatever the document holds. */
export function ReaderBlock(props: ReaderBlockProps): JSX.Element {
  return (
    <Dynamic
      component={tagOf(props.block)}
      class={`block block-${props.block.kind}`}
      data-level={props.block.level}
    >
      <For each={props.block.runs}>
        {(run) => <ReaderRun run={run} text={props.text} marks={props.marks} />}
      </For>
    </Dynamic>
  );
}

function tagOf({ kind, level }: Block): string {
  // The title above is the page's second level: the document's own headings come below it.
  if (kind === 'heading') return `h${Math.min(6, (level ?? 1) + 2)}`;
  if (kind === 'code') return 'pre';
  if (kind === 'quote') return 'blockquote';
  if (kind === 'rule') return 'hr';
  return kind === 'paragraph' ? 'p' : 'div';
}

function ReaderRun(props: {
  run: Run;
  text: string;
  marks: readonly (readonly [number, number])[];
}): JSX.Element {
  const spans = createMemo(() => cutAtMarks(props.run.start, props.run.end, props.marks));
  const content = (): JSX.Element => (
    <For each={spans()}>
      {(span) => {
        const text = props.text.slice(span.start, span.end);
        return span.marked ? <mark>{text}</mark> : text;
      }}
    </For>
  );
  return (
    <>
      {props.run.style === undefined ? (
        content()
      ) : (
        <Dynamic
          component={props.run.style === 'link' ? 'span' : props.run.style}
          class={`run-${props.run.style}`}
        >
          {content()}
        </Dynamic>
      )}
    </>
  );
}
