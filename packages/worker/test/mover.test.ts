import { StoreError } from '@burrow/store-opfs';
import type { Locator } from '@burrow/core';
import { describe, expect, it } from 'vitest';
import type { DocumentTexts } from '../src/engine/document-texts.ts';
import { IndexBook } from '../src/engine/index-book.ts';
import type { IndexSettings } from '../src/engine/index-book.ts';
import type { Ledger } from '../src/engine/ledger.ts';
import type { LoadedModel } from '../src/engine/loaded-model.ts';
import type { ModelHost } from '../src/engine/model-host.ts';
import { Mover } from '../src/engine/mover.ts';

const settings = (space: string): IndexSettings => ({
  modelId: space,
  space,
  dimensions: 2,
  weight: 0.5,
  schema: {},
});

const model = {
  embedder: { model: { maxTokens: 256 } },
  tokenizer: { countTokens: (text: string) => text.split(' ').length },
  embedPassages: async (texts: string[]) => ({
    data: new Float32Array(texts.length * 2).fill(1),
    dimensions: 2,
  }),
} as unknown as LoadedModel;

/** An index of documents whose texts are kept in a map; those in `damaged` cannot be read. */
function setUp(count: number, damaged: Set<number>) {
  const read = async ([segment]: Locator): Promise<string> => {
    if (damaged.has(segment)) throw new StoreError('blob-damaged', `Text ${segment} is damaged.`);
    return `note ${segment}`;
  };
  const texts = { read } as unknown as DocumentTexts;
  const book = new IndexBook(texts, 'scan-worker.js');
  const { index } = book.start('current', settings('old'));
  for (let i = 0; i < count; i++)
    index.add([{ document: { id: `d${i}`, text: `note ${i}` }, vectors: [1, 0], locator: [i, 0, 6] }]);
  // Changes one after the other, as the ledger has them; records go nowhere.
  let last: Promise<unknown> = Promise.resolve();
  const ledger = {
    change: (work: (append: () => Promise<void>) => Promise<unknown>) =>
      (last = last.then(() => work(async () => {}))),
    checkpoint: async () => {},
  } as unknown as Ledger;
  const problems: unknown[] = [];
  const mover = new Mover({
    book,
    ledger,
    models: { keepOnly: async () => {} } as unknown as ModelHost,
    texts,
    changed: () => {},
    onError: (error) => problems.push(error),
  });
  return { book, mover, problems };
}

/** Lets everything that is under way come to its end. */
async function settled(mover: Mover): Promise<void> {
  while (mover.status && !mover.isWaiting) await new Promise<void>((resolve) => queueMicrotask(resolve));
}

describe('Mover', () => {
  it('moves all documents but those whose text is damaged, names these, and ends when they are gone', async () => {
    const { book, mover, problems } = setUp(50, new Set([3, 40]));
    await mover.start(model, settings('new'));
    await settled(mover);
    expect(mover.isWaiting).toBe(true);
    expect(mover.status).toMatchObject({ documents: 48, totalDocuments: 50 });
    expect(problems).toMatchObject([{ name: 'WorkerError', code: 'documents-failed' }]);
    expect(String(problems[0])).toContain('"d3", "d40"');
    // The old index still has them, and answers.
    expect(book.current?.settings.space).toBe('old');
    expect(book.current?.index.size).toBe(50);

    book.current!.index.remove(['d3', 'd40']);
    await mover.start(model, settings('new'));
    await settled(mover);
    expect(mover.status).toBeUndefined();
    expect(book.current?.settings.space).toBe('new');
    expect(book.current?.index.size).toBe(48);
    expect([...book.current!.index.withoutVectors()]).toEqual([]);
  });
});
