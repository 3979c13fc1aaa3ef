// Gathers real English texts to measure with: paragraphs of the documentation and the doc comments of the packages that this
// workspace installs, permissive licences only. The same lockfile gives the same texts; their hash goes into every record.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedPackages, STORE } from '../../../scripts/installed-packages.mjs';

/** The texts for embedding: how many of each length in words. */
const LENGTHS = {
  short: { words: [4, 14], count: 64 },
  medium: { words: [20, 60], count: 64 },
  long: { words: [90, 190], count: 64 },
} as const;
const PASSAGES = 50_000;

const generated = fileURLToPath(new URL('../generated/', import.meta.url));

const sources: { name: string; version: string; licence: string }[] = [];
const paragraphs = new Set<string>();
/** Two neighbours as one passage, as a chunker with overlap makes them: used where there are too few paragraphs. */
const pairs = new Set<string>();

for (const { folder, ...source } of await installedPackages()) {
  let found = false;
  for (const file of await documents(folder)) {
    const list = file.endsWith('.md')
      ? fromMarkdown(await readFile(file, 'utf8'))
      : fromComments(await readFile(file, 'utf8'));
    list.forEach((text, i) => {
      found = true;
      paragraphs.add(text);
      if (i > 0) pairs.add(`${list[i - 1]} ${text}`);
    });
  }
  if (found && !sources.some(({ name, version }) => name === source.name && version === source.version))
    sources.push(source);
}

const passages = [...paragraphs, ...pairs].slice(0, PASSAGES);
if (passages.length < PASSAGES)
  throw new Error(`Only ${passages.length} passages were found in ${STORE}; run pnpm install first.`);
const embedding = Object.fromEntries(
  Object.entries(LENGTHS).map(([name, { words, count }]) => {
    const fitting = passages.filter((text) => countWords(text) >= words[0] && countWords(text) <= words[1]);
    if (fitting.length < count) throw new Error(`Only ${fitting.length} ${name} texts were found.`);
    // Spread evenly over all sources.
    return [
      name,
      Array.from({ length: count }, (_, i) => fitting[Math.floor((i * fitting.length) / count)]!),
    ];
  }),
);
await mkdir(join(generated, 'public'), { recursive: true });
await write('public/texts.json', { ...embedding, sources });
await write('passages.json', passages);
console.log(
  `${passages.length} passages, ${paragraphs.size} of them single paragraphs, from ${sources.length} packages`,
);

async function write(file: string, value: unknown): Promise<void> {
  const json = JSON.stringify(value);
  const sha256 = createHash('sha256').update(json).digest('hex');
  await writeFile(join(generated, file), JSON.stringify({ sha256, value }));
}

async function documents(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile() && /\.(?:md|d\.ts)$/i.test(file.name))
    .map((file) => join(file.parentPath, file.name))
    .filter((file) => !file.slice(folder.length).includes('/node_modules/'))
    .sort();
}

function fromMarkdown(markdown: string): string[] {
  const prose = markdown
    .replace(/\r\n?/g, '\n')
    .replace(/```[\s\S]*?```/g, '\n')
    .replace(/<[^>]+>/g, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1');
  return prose
    .split(/\n\s*\n/)
    .map(clean)
    .filter(isProse);
}

function fromComments(code: string): string[] {
  return [...code.matchAll(/\/\*\*([\s\S]*?)\*\//g)]
    .map(([, comment]) => clean(comment!.replace(/^[ \t]*\* ?/gm, '')))
    .filter(isProse);
}

function clean(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function isProse(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return countWords(text) >= 4 && letters > text.length * 0.6;
}

function countWords(text: string): number {
  return text.match(/\p{L}{2,}/gu)?.length ?? 0;
}
