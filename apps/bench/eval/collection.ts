import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Judgments } from './measures.ts';

export interface CollectionDocument {
  id: string;
  title: string;
  text: string;
}

export interface Query {
  id: string;
  text: string;
  judgments: Judgments;
}

/** A collection with human judgments. */
export interface Collection {
  name: string;
  documents: CollectionDocument[];
  /** Those with at least one relevant document, in the order of the file. */
  queries: Query[];
  judgments: number;
}

/**
 * Reads the BEIR layout: corpus.jsonl {_id, title, text}, queries.jsonl {_id, text}, qrels/test.tsv (query-id, corpus-id,
 * score, with a heading).
 */
export async function readCollection(folder: string): Promise<Collection> {
  const [corpus, queries, qrels] = await Promise.all(
    ['corpus.jsonl', 'queries.jsonl', 'qrels/test.tsv'].map((file) => readText(folder, file)),
  );
  const judged = parseQrels(qrels!);
  let judgments = 0;
  for (const gains of judged.values()) judgments += gains.size;
  return {
    name: basename(resolve(folder)),
    documents: parseLines(corpus!, 'corpus.jsonl').map(({ _id, title, text }) => ({
      id: _id,
      title: title ?? '',
      text: text ?? '',
    })),
    queries: parseLines(queries!, 'queries.jsonl')
      .map(({ _id, text }) => ({
        id: _id,
        text: text ?? '',
        judgments: judged.get(_id) ?? new Map<string, number>(),
      }))
      .filter(({ judgments: gains }) => [...gains.values()].some((gain) => gain > 0)),
    judgments,
  };
}

/** Documents that an index can take: one without a word can be found by nothing. */
export function findable({ documents }: Collection): CollectionDocument[] {
  return documents.filter(({ title, text }) => `${title}${text}`.trim() !== '');
}

/** A document as the index takes it. */
export function toIndexed({ id, title, text }: CollectionDocument): {
  id: string;
  title?: string;
  text: string;
} {
  return text.trim() === '' ? { id, text: title } : { id, title, text };
}

interface Line {
  _id: string;
  title?: string;
  text?: string;
}

function parseLines(jsonl: string, file: string): Line[] {
  return jsonl
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      const value = JSON.parse(line) as Partial<Line>;
      if (value._id === undefined) throw new Error(`${file}, line ${i + 1}: there is no _id.`);
      return { ...value, _id: String(value._id) };
    });
}

/** Query id to document id to gain. */
export function parseQrels(tsv: string): Map<string, Map<string, number>> {
  const judged = new Map<string, Map<string, number>>();
  for (const line of tsv.split(/\r?\n/)) {
    const [query, document, score] = line.split('\t');
    if (!query || !document || score === undefined || !Number.isFinite(Number(score))) continue;
    let gains = judged.get(query);
    if (!gains) judged.set(query, (gains = new Map()));
    gains.set(document, Number(score));
  }
  return judged;
}

async function readText(folder: string, file: string): Promise<string> {
  try {
    return await readFile(join(folder, file), 'utf8');
  } catch (cause) {
    throw new Error(`${folder} is no folder of the BEIR layout: ${file} could not be read.`, { cause });
  }
}
