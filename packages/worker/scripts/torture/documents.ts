import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TortureDocument } from './operations.ts';
import type { Random } from './random.ts';

const SHORTEST = 200;
const LONGEST = 12_000;

/** Real texts: what the dependencies of this checkout say about themselves. */
export function readmes(root: string): string[] {
  const store = join(root, 'node_modules/.pnpm');
  const found = readdirSync(store).flatMap((entry) => {
    // "@scope+name@1.2.3_peers" and "name@1.2.3".
    const name = /^(@?[^@]+)@/.exec(entry)?.[1]?.replace('+', '/');
    if (!name) return [];
    const folder = join(store, entry, 'node_modules', name);
    try {
      const file = readdirSync(folder).find((item) => /^readme(\.md|\.markdown)?$/i.test(item));
      return file ? [readFileSync(join(folder, file), 'utf8')] : [];
    } catch {
      return [];
    }
  });
  const texts = found.filter(({ length }) => length > LONGEST / 4);
  if (texts.length < 20) throw new Error(`Only ${texts.length} README files below ${store}; install first.`);
  return texts;
}

/** A word that stands in one version of one document only. Consonants alone, so that no stemmer cuts it. */
export function markerOf(id: number, version: number): string {
  const letters = (value: number): string =>
    String(value).replace(/\d/g, (digit) => 'bcdfghjklm'[Number(digit)]!);
  return `zq${letters(id)}x${letters(version)}qz`;
}

/** Version `version` of document `id`: a part of a real text, with a word of its own. */
export function makeDocument(
  random: Random,
  texts: readonly string[],
  id: number,
  version: number,
): TortureDocument {
  const source = random.pick(texts);
  const length = random.whole(SHORTEST, random.pick([1000, 4000, LONGEST]));
  const start = random.whole(0, Math.max(0, source.length - length));
  const text = `${source.slice(start, start + length)}\n\n${markerOf(id, version)}\n`;
  return { id: `doc-${id}`, title: `Document ${id}, version ${version}`, text, format: 'markdown' };
}

/** What is compared of a document: its title and text, UTF-16 unit for unit. */
export function digest({ title, text }: { title: string; text: string }): string {
  return createHash('sha256')
    .update(Buffer.from(`${title}\n${text}`, 'utf16le'))
    .digest('hex');
}
