import { openSearch } from '@burrow/worker';
import type { OpenSearchOptions, Search } from '@burrow/worker';
import { afterEach, describe, expect, it } from 'vitest';
import { filesHolding } from './raw-files.ts';

const opened: Search[] = [];

async function open(options: Partial<OpenSearchOptions> = {}): Promise<Search> {
  const search = await openSearch({ name: `tidy-${crypto.randomUUID()}`, model: 'hash', ...options });
  opened.push(search);
  return search;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((search) => search.close()));
});

/** A word that nothing else on this origin holds. */
const secretWord = (): string =>
  `zq${crypto.randomUUID().replaceAll(/[^a-z]/g, '')}${Date.now().toString(36).replaceAll(/\d/g, 'x')}`;

const filler = (count: number): { id: string; text: string }[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `f${i}`,
    text: `The river ${i} runs past mills. `.repeat(50),
  }));

describe('what was removed', () => {
  it('is gone from the disk after compact(), and everything else is still there', async () => {
    const search = await open();
    const [removed, replaced] = [secretWord(), secretWord()];
    await search.add([
      ...filler(40),
      { id: 'secret', title: `About ${removed}`, text: `The word is ${removed}, keep it.` },
      { id: 'diary', text: `Dear diary, ${replaced} again.` },
    ]);
    expect((await filesHolding(search.name, removed)).length).toBeGreaterThan(0);
    await search.remove('secret');
    await search.update({ id: 'diary', text: 'Dear diary, nothing happened.' });
    await search.compact();
    await search.close();
    expect(await filesHolding(search.name, removed)).toEqual([]);
    expect(await filesHolding(search.name, replaced)).toEqual([]);

    const again = await open({ name: search.name });
    expect((await again.stats()).documents).toBe(41);
    expect((await again.stats()).storage.recovery).toEqual([]);
    for (const { id, text } of filler(40)) expect((await again.get(id))?.text).toBe(text);
    expect((await again.get('diary'))?.text).toBe('Dear diary, nothing happened.');
  });

  it('is gone from the disk after clear()', async () => {
    const search = await open();
    const word = secretWord();
    await search.add([...filler(10), { id: 'secret', text: `The word is ${word}.` }]);
    await search.clear();
    await search.add({ id: 'new', text: 'a new beginning' });
    await search.close();
    expect(await filesHolding(search.name, word)).toEqual([]);
    const again = await open({ name: search.name });
    expect((await again.list()).documents.map(({ id }) => id)).toEqual(['new']);
  });

  it('goes by itself when texts of removed documents have piled up', async () => {
    const search = await open();
    const word = secretWord();
    const texts = Array.from({ length: 60 }, (_, i) => ({
      id: `d${i}`,
      text: `${word} ${'mills '.repeat(2000)}`,
    }));
    await search.add(texts);
    await search.remove(texts.slice(1).map(({ id }) => id));
    await search.update({ id: 'd0', text: 'The last one.' });
    await expect.poll(() => filesHolding(search.name, word), { timeout: 30_000, interval: 250 }).toEqual([]);
    expect((await search.get('d0'))?.text).toBe('The last one.');
  });

  it('can be searched and added to while it is swept out', async () => {
    const search = await open();
    await search.add(filler(400));
    await search.remove(Array.from({ length: 300 }, (_, i) => `f${i}`));
    const compacting = search.compact();
    await search.add({ id: 'meanwhile', text: 'written during compaction' });
    expect((await search.query('written during compaction')).hits[0]?.id).toBe('meanwhile');
    await compacting;
    expect((await search.get('meanwhile'))?.text).toBe('written during compaction');
    expect((await search.get('f399'))?.text).toBe(filler(400)[399]!.text);
    expect((await search.stats()).documents).toBe(101);
  });
});
