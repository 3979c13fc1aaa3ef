import { describe, expect, it } from 'vitest';
import { createIndex, loadIndex } from '../src/index.ts';
import type { Locator } from '../src/index.ts';

const texts = new Map([
  ['1:0:9', 'old place'],
  ['2:8:9', 'new place'],
]);
const options = { texts: { read: (locator: Locator) => texts.get(locator.join(':')) ?? 'nowhere' } };

describe('relocate', () => {
  it('has texts read from the new place, also after a snapshot', async () => {
    const index = createIndex(options);
    index.add([{ document: { id: 'a', text: 'old place' }, locator: [1, 0, 9] }]);
    expect(index.relocate('a', [1, 0, 9], [2, 8, 9])).toBe(true);
    expect(index.locator('a')).toEqual([2, 8, 9]);
    await expect(index.text('a')).resolves.toBe('new place');
    const sections = index.snapshot();
    const again = await loadIndex({ section: async (name) => sections.get(name) }, options);
    expect(again.locator('a')).toEqual([2, 8, 9]);
  });

  it('leaves alone what is not where it was', () => {
    const index = createIndex(options);
    index.add([
      { document: { id: 'a', text: 'old place' }, locator: [1, 0, 9] },
      { document: { id: 'b', text: 'held by the index' } },
    ]);
    expect(index.relocate('a', [1, 4, 9], [2, 8, 9])).toBe(false);
    expect(index.relocate('b', [1, 0, 9], [2, 8, 9])).toBe(false);
    expect(index.relocate('c', [1, 0, 9], [2, 8, 9])).toBe(false);
    expect([...index.locators()]).toEqual([['a', [1, 0, 9]]]);
  });
});
