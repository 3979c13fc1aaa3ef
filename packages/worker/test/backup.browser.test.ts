import { openSearch } from '@burrow/worker';
import type { ExportOptions, OpenSearchOptions, Search, SearchDocument } from '@burrow/worker';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { afterEach, describe, expect, it, vi } from 'vitest';

const opened: Search[] = [];

async function open(options: Partial<OpenSearchOptions> = {}): Promise<Search> {
  const search = await openSearch({ name: `backup-${crypto.randomUUID()}`, ...options });
  opened.push(search);
  return search;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((search) => search.close()));
});

const schema = { year: 'number', tags: 'enum[]' };
const notes: SearchDocument[] = [
  {
    id: 'bread',
    title: 'Bread',
    format: 'markdown',
    text: `# Bread\n\n## Dough\n\n${'Let the dough rest over night. '.repeat(60)}\n\n## Oven\n\n${'Bake it hot. '.repeat(90)}`,
    year: 2024,
    tags: ['kitchen'],
  },
  { id: 'odd', text: 'A lone surrogate \ud83d in a chat log, and 日本語.', year: 2020, tags: [] },
  ...Array.from({ length: 150 }, (_, i) => ({ id: `n${i}`, text: `Note ${i} on rivers and mills.` })),
];

const exported = (search: Search, options?: ExportOptions): Promise<Blob> =>
  new Response(search.export(options)).blob();

describe('a backup', () => {
  it('brings everything to another index: documents, fields, passages and vectors', async () => {
    const first = await open({ schema });
    await first.add(notes);
    const file = await exported(first);
    const second = await open({ schema });
    const progress: number[] = [];
    const { written } = await second.import(file, {
      onProgress: ({ documents }) => progress.push(documents),
    });
    expect(written.toSorted()).toEqual(notes.map(({ id }) => id).toSorted());
    expect(progress.at(-1)).toBe(notes.length);
    for (const note of notes.slice(0, 5)) await expect(second.get(note.id)).resolves.toEqual(note);
    const of = async (search: Search) => {
      const { documents, chunks, space } = await search.stats();
      return { documents, chunks, space };
    };
    expect(await of(second)).toEqual(await of(first));
    const ask = async (search: Search) =>
      (await search.query('how long must dough rest', { where: { year: { gte: 2021 } } })).hits.map(
        ({ id, score, passages }) => ({ id, score, headings: passages[0]?.headings }),
      );
    await vi.waitFor(async () => expect((await second.stats()).model.state).toBe('ready'));
    expect(await ask(second)).toEqual(await ask(first));
    // A second import changes nothing.
    await second.import(file);
    expect(await of(second)).toEqual(await of(first));
  });

  it('goes into an index of another model: its texts are embedded anew', async () => {
    const first = await open({ model: 'hash' });
    await first.add(notes.slice(1));
    const second = await open({ model: 'static-en' });
    await second.import(await exported(first));
    const { hits, mode } = await second.query('streams of water', {
      mode: 'vector',
      limit: 1000,
      passages: 0,
    });
    expect(mode).toBe('vector');
    expect(hits).toHaveLength(notes.length - 1);
  });

  it('that is damaged anywhere is refused, and changes nothing', async () => {
    const first = await open({ model: 'hash' });
    await first.add(notes.slice(1, 40));
    const bytes = new Uint8Array(await (await exported(first)).arrayBuffer());
    const second = await open({ model: 'hash' });
    await second.add({ id: 'mine', text: 'was here before' });
    const places = [0, 9, 13, 20, 60, 500, bytes.length >> 1, bytes.length - 2];
    for (const place of places) {
      const broken = bytes.slice();
      broken[place]! ^= 0x10;
      await expect(second.import(new Blob([broken]))).rejects.toMatchObject({
        name: 'WorkerError',
        code: expect.stringMatching(/^backup-(damaged|newer)$/),
      });
    }
    for (const length of [0, 11, 30, bytes.length >> 1, bytes.length - 1])
      await expect(second.import(new Blob([bytes.slice(0, length)]))).rejects.toMatchObject({
        code: 'backup-damaged',
      });
    expect((await second.list()).documents.map(({ id }) => id)).toEqual(['mine']);
  });

  it('names the documents that this index cannot take, and takes the others', async () => {
    const first = await open({ model: 'hash' });
    await first.add([
      { id: 'wrong', text: 'one', year: 'last year' },
      { id: 'right', text: 'two', year: 2024 },
    ]);
    const second = await open({ model: 'hash', schema });
    await expect(second.import(await exported(first))).rejects.toMatchObject({
      name: 'DocumentsFailedError',
      code: 'wrong-type',
      written: ['right'],
      failures: [{ id: 'wrong' }],
    });
  });
});

describe('export of passages', () => {
  it('as NDJSON has a line for each, with vectors of unit length', async () => {
    const search = await open({ schema });
    await search.add(notes);
    const lines = (await (await exported(search, { format: 'ndjson' })).text()).trimEnd().split('\n');
    const rows = lines.map((line) => JSON.parse(line));
    const { chunks } = await search.stats();
    expect(rows).toHaveLength(chunks);
    const bread = rows.filter(({ id }) => id === 'bread');
    expect(bread.length).toBeGreaterThan(1);
    expect(bread.at(-1)).toMatchObject({ title: 'Bread', headings: ['Bread', 'Oven'] });
    for (const { start, end, text } of bread) expect(notes[0]!.text.slice(start, end)).toBe(text);
    for (const { vector } of rows) expect(Math.hypot(...vector)).toBeCloseTo(1, 3);
  });

  it('as Parquet can be read by others, and shares embeddings without the texts', async () => {
    const search = await open({ schema });
    await search.add(notes);
    const { chunks } = await search.stats();
    const whole = await (await exported(search, { format: 'parquet' })).arrayBuffer();
    const rows = await parquetReadObjects({ file: whole });
    expect(rows).toHaveLength(chunks);
    const bread = rows.filter(({ id }) => id === 'bread');
    expect(bread.at(-1)).toMatchObject({ title: 'Bread', headings: ['Bread', 'Oven'] });
    expect(bread.map(({ text }) => text)).toEqual(
      bread.map(({ start, end }) => notes[0]!.text.slice(start, end)),
    );
    expect(Math.hypot(...bread[0]!['vector'])).toBeCloseTo(1, 3);

    const alone = await (await exported(search, { format: 'parquet', texts: false })).arrayBuffer();
    const columns = Object.keys((await parquetReadObjects({ file: alone }))[0]!);
    expect(columns).toEqual(['id', 'chunk', 'start', 'end', 'vector']);
    expect(new TextDecoder('latin1').decode(alone)).not.toContain('dough');
    const { key_value_metadata: about } = await parquetMetadataAsync(alone);
    expect(Object.fromEntries(about!.map(({ key, value }) => [key, value]))).toMatchObject({
      space: (await search.stats()).space,
    });
  });
});
