import { describe, expect, it } from 'vitest';
import { createIndex } from '../src/index.ts';

describe('chunks', () => {
  it('gives back spans, headings and vectors, so that another index can be made of them', () => {
    const index = createIndex({ vector: { dimensions: 2 } });
    const chunks = [
      { start: 0, end: 5, headings: ['Top'] },
      { start: 5, end: 11, headings: ['Top', 'Below'] },
    ];
    index.add([
      { document: { id: 'a', text: 'Hello world' }, chunks, vectors: [1, 0, 0, 1] },
      { document: { id: 'b', text: 'by words only' } },
    ]);
    expect(index.chunks('a')).toEqual({ chunks, vectors: Float32Array.of(1, 0, 0, 1) });
    expect(index.chunks('b')).toEqual({ chunks: [{ start: 0, end: 13 }] });
    expect(index.chunks('c')).toBeUndefined();
  });
});
