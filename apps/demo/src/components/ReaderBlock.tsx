import { createMemo, For, type JSX } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import type { ReadingTarget } from '../primitives/create-reading.ts';
import type { Block, Run } from '../reading/blocks.ts';
import { cutAtMarks } from '../reading/marks.ts';

interface ReaderBlockProps {
  block: Block;
  text: string;
  target: ReadingTarget;
}

/** A block of the document, with its part of the passage marked. All of it is text, whatever the document holds. */
export function ReaderBlock(props: ReaderBlockProps): JSX.Element {
  const inPassage = createMemo((): boolean => {
    const passage = props.target.passage;
    return passage !== undefined && props.block.start < passage.end && props.block.end > passage.start;
  });
  return (
    <Dynamic
      component={tagOf(props.block)}
      class={`block block-${props.block.kind}`}
      classList={{ 'in-passage': inPassage() }}
      data-level={props.block.level}
      data-passage={inPassage() ? '' : undefined}
    >
      <For each={props.block.runs}>{(run) => <ReaderRun run={run} text={props.text} marks={props.target.highlights} />}</For>
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

function ReaderRun(props: { run: Run; text: string; marks: readonly (readonly [number, number])[] }): JSX.Element {
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
        <Dynamic component={props.run.style === 'link' ? 'span' : props.run.style} class={`run-${props.run.style}`}>
          {content()}
        </Dynamic>
      )}
    </>
  );
}
