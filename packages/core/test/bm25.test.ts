import { describe, expect, it } from 'vitest';
import { createIndex } from '../src/index.ts';

const WORDS = ['ant', 'bee', 'cat', 'dog', 'eel', 'fox', 'gnu', 'hen'];
const K1 = 1.2;
const B = 0.75;

/** Documents of words drawn by a small generator, so that lengths and frequencies differ. */
function corpus(count: number): string[][] {
  let seed = 7;
  const next = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + next(30) }, () => WORDS[Math.min(next(8), next(8))]!),
  );
}

/** BM25 as a textbook writes it, straight from the words. */
function textbook(documents: string[][], query: string[], at: number): number {
  const average = documents.reduce((sum, words) => sum + words.length, 0) / documents.length;
  return query.reduce((score, term) => {
    const containing = documents.filter((words) => words.includes(term)).length;
    const idf = Math.log(1 + (documents.length - containing + 0.5) / (containing + 0.5));
    const tf = documents[at]!.filter((word) => word === term).length;
    return score + (idf * tf * (K1 + 1)) / (tf + K1 * (1 - B + (B * documents[at]!.length) / average));
  }, 0);
}

describe('BM25', () => {
  it('equals a plain textbook computation to 1e-9, also after removals', async () => {
    const documents = corpus(120);
    const index = createIndex({ text: { k1: K1, b: B, language: 'none' } });
    index.add(documents.map((words, at) => ({ document: { id: String(at), text: words.join(' ') } })));
    for (const query of [['ant'], ['cat', 'fox'], ['bee', 'bee', 'hen'], [...WORDS]]) {
      const { hits, count } = await index.search({
        term: query.join(' '),
        limit: 200,
        prefix: false,
        passages: 0,
      });
      expect(count).toBe(documents.filter((words) => query.some((term) => words.includes(term))).length);
      for (const hit of hits) expect(hit.score).toBeCloseTo(textbook(documents, query, Number(hit.id)), 9);
    }
    index.remove(documents.map((_, at) => String(at)).filter((id) => Number(id) >= 60));
    const rest = documents.slice(0, 60);
    for (const hit of (await index.search({ term: 'cat fox', limit: 200, prefix: false })).hits) {
      expect(hit.score).toBeCloseTo(textbook(rest, ['cat', 'fox'], Number(hit.id)), 9);
    }
  });

  it('adds fields up before it saturates them (BM25F)', async () => {
    const index = createIndex({ text: { k1: K1, b: 0, boosts: { title: 2 }, language: 'none' } });
    index.add([
      { document: { id: 'a', title: 'ant', text: 'ant bee' } },
      { document: { id: 'b', text: 'cat' } },
    ]);
    const [hit] = (await index.search({ term: 'ant', prefix: false, explain: true })).hits;
    const frequency = 2 * 1 + 1;
    expect(hit!.score).toBeCloseTo((Math.log(2) * frequency * (K1 + 1)) / (frequency + K1), 9);
    expect(hit!.explanation!.keyword!.terms.reduce((sum, term) => sum + term.score, 0)).toBeCloseTo(
      hit!.score,
      12,
    );
  });

  it('counts a chunked document as one document', async () => {
    const text = 'ant bee. cat ant. dog ant.';
    const options = { text: { language: 'none' as const } };
    const [one, three] = [createIndex(options), createIndex(options)];
    one!.add([{ document: { id: 'a', text } }, { document: { id: 'b', text: 'eel' } }]);
    const chunks = [{ start: 0, end: 8 }, { start: 9, end: 17 }, { start: 18, end: 26 }]; // prettier-ignore
    three!.add([{ document: { id: 'a', text }, chunks }, { document: { id: 'b', text: 'eel' } }]);
    const score = async (index: typeof one): Promise<number> =>
      (await index!.search({ term: 'ant' })).hits[0]!.score;
    expect(await score(three)).toBeCloseTo(await score(one), 12);
  });
});
