import { describe, expect, it } from 'vitest';
import { createIndex } from '../src/index.ts';

describe('withoutVectors', () => {
  it('names the documents that are found by words only', () => {
    const index = createIndex({ vector: { dimensions: 2 } });
    index.add([
      { document: { id: 'a', text: 'with' }, vectors: [1, 0] },
      { document: { id: 'b', text: 'without' } },
      { document: { id: 'c', text: 'without, removed' } },
    ]);
    index.remove(['c']);
    expect([...index.withoutVectors()]).toEqual(['b']);
    index.update([{ document: { id: 'b', text: 'with' }, vectors: [0, 1] }]);
    expect([...index.withoutVectors()]).toEqual([]);
  });
});
