import type { Search } from '@burrow/worker';
import type { Verification } from '../operations.ts';

const MARKER = /zq[b-m]+x[b-m]+qz/;
/** Documents that are looked for by meaning. */
const SAMPLED = 5;
/** Cosine of a passage's vector and the one that its own text has as a query: they are made the same way. */
const SAME = 0.999;
/** What the text of a passage stands behind when it is embedded. */
const MAX_TITLE_LENGTH = 120;
/** In a query this leaves documents out, also when it is looked for by meaning. */
const EXCLUDES = /(?:^|[^\p{L}\p{N}])-\S/u;
/** A move of so few documents takes no longer than this, in ms. */
const LONGEST_MOVE = 30_000;

/** Reads and finds everything that is there, as a person would: by the public methods alone. */
export async function verify(search: Search, gone: string[]): Promise<Verification> {
  const { documents: listed } = await search.list({ limit: 1_000_000 });
  const ids: string[] = [];
  const documents: Verification['documents'] = [];
  for (const { id } of listed) {
    try {
      const document = await search.get(id);
      if (!document) throw new Error('listed, but not there');
      ids.push(id);
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
  const sampled = new Set(ids.slice(-SAMPLED));
  let vectors = await findByMeaning(search, sampled);
  if (vectors.missed.length > 0) {
    // What was written while the model was not there gets its vectors behind the scenes.
    await atRest(search);
    vectors = await findByMeaning(search, sampled);
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

/** Each passage of these documents, asked for by its own text, must find its document with the similarity of equals. */
async function findByMeaning(search: Search, ids: ReadonlySet<string>): Promise<Verification['vectors']> {
  const missed: string[] = [];
  let asked = 0;
  for (const { id, chunk, title, text } of await passages(search)) {
    if (!ids.has(id) || EXCLUDES.test(text)) continue;
    const { hits, mode } = await search.query(`${title.slice(0, MAX_TITLE_LENGTH)}. ${text}`, {
      mode: 'vector',
      passages: 0,
      limit: 10_000,
    });
    // While a move is under way, the model of the old vectors may not be there.
    if (mode !== 'vector') continue;
    asked++;
    const similarity = hits.find((hit) => hit.id === id)?.vector?.score ?? Number.NaN;
    if (!(similarity >= SAME)) missed.push(`passage ${chunk} of ${id} (cosine ${similarity} to itself)`);
  }
  return { asked, missed };
}

/** All passages, as they are exported for other programs. */
async function passages(
  search: Search,
): Promise<{ id: string; chunk: number; title: string; text: string }[]> {
  const lines = await new Response(search.export({ format: 'ndjson', vectors: false })).text();
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { id: string; chunk: number; title: string; text: string });
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
