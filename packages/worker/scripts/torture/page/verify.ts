import type { Search } from '@burrow/worker';
import type { Verification } from '../operations.ts';

const MARKER = /zq[b-m]+x[b-m]+qz/;
/** Documents that are looked for by meaning. */
const SAMPLED = 5;
/** Parts of one text can be nearly alike: being in the upper half of some four hundred is enough. */
const NEAR = 200;
/** A move of so few documents takes no longer than this, in ms. */
const LONGEST_MOVE = 30_000;

/** Reads and finds everything that is there, as a person would: by the public methods alone. */
export async function verify(search: Search, gone: string[]): Promise<Verification> {
  const { documents: listed } = await search.list({ limit: 1_000_000 });
  const texts = new Map<string, string>();
  const documents: Verification['documents'] = [];
  for (const { id } of listed) {
    try {
      const document = await search.get(id);
      if (!document) throw new Error('listed, but not there');
      texts.set(id, document.text);
      const word = MARKER.exec(document.text)?.[0] ?? '';
      const found = await findWord(search, word);
      documents.push({ id, digest: await digest(`${document.title}\n${document.text}`), found });
    } catch (error) {
      documents.push({ id, error: `${(error as Error).name}: ${(error as Error).message}` });
    }
  }
  const ghosts: Verification['ghosts'] = [];
  for (const word of gone) ghosts.push({ word, found: await findWord(search, word) });
  const { documents: counted, storage } = await search.stats();
  let vectors = await findByMeaning(search, [...texts].slice(-SAMPLED));
  if (vectors.missed.length > 0) {
    // What was written while the model was not there gets its vectors behind the scenes.
    await atRest(search);
    vectors = await findByMeaning(search, [...texts].slice(-SAMPLED));
  }
  return {
    documents,
    ghosts,
    vectors,
    counted,
    recovery: storage.recovery,
  };
}

async function findWord(search: Search, word: string): Promise<string[]> {
  const { hits } = await search.query(word, {
    mode: 'keyword',
    typos: 0,
    prefix: false,
    passages: 0,
    limit: 5,
  });
  return hits.map(({ id }) => id);
}

async function findByMeaning(search: Search, texts: [string, string][]): Promise<Verification['vectors']> {
  const missed: string[] = [];
  let asked = 0;
  for (const [id, text] of texts) {
    // Words alone: quotes, minus and colon mean something in a query.
    const words = text.slice(0, 400).replaceAll(/[^\p{L}\p{N}]+/gu, ' ');
    const { hits, mode } = await search.query(words, {
      mode: 'vector',
      passages: 0,
      limit: 10_000,
    });
    // While a move is under way, the model of the old vectors may not be there.
    if (mode !== 'vector') continue;
    asked++;
    const place = hits.findIndex((hit) => hit.id === id);
    if (place < 0 || place > NEAR) missed.push(`${id} (place ${place + 1} of ${hits.length})`);
  }
  return { asked, missed };
}

/** Resolves when no documents are being embedded again. */
async function atRest(search: Search): Promise<void> {
  const started = performance.now();
  for (;;) {
    const { move, model } = await search.stats();
    if (move === undefined) return;
    if (performance.now() - started > LONGEST_MOVE)
      throw new Error(
        `The move does not end: ${JSON.stringify({ move, model: { ...model, backend: undefined } })}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function digest(text: string): Promise<string> {
  const units = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', units));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
