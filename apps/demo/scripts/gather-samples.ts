// Gathers the sample collection: the READMEs and guides of the packages that this workspace installs,
// each with its package, version and licence. Only permissive licences; written to generated/, which
// the build serves as plain files that are fetched when a person asks for the sample.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedPackages, STORE, type InstalledPackage } from '../../../scripts/installed-packages.mjs';

interface Sample {
  id: string;
  title: string;
  text: string;
  package: string;
  version: string;
  licence: string;
}

const DOCUMENT =
  /^(?:readme|api|guide|usage|documentation|faq|tutorial|migration|options|examples?)[\w.-]*\.(?:md|markdown)$/i;
/** Shorter ones are stubs that point elsewhere; longer ones are reference tables of thousands of lines. */
const MIN_LENGTH = 1200;
const MAX_LENGTH = 120_000;
const MAX_SAMPLES = 240;

const target = fileURLToPath(new URL('../generated/', import.meta.url));

/** The newest version of each package. */
async function newestPackages(): Promise<InstalledPackage[]> {
  const newest = new Map<string, InstalledPackage>();
  for (const one of await installedPackages()) {
    const known = newest.get(one.name);
    if (!known || compareVersions(known.version, one.version) < 0) newest.set(one.name, one);
  }
  return [...newest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

async function documentsOf({ name, version, licence, folder }: InstalledPackage): Promise<Sample[]> {
  const files = [
    ...(await readdir(folder)).map((file) => join(folder, file)),
    ...(await readdir(join(folder, 'docs')).catch(() => [])).map((file) => join(folder, 'docs', file)),
  ].filter((file) => DOCUMENT.test(basename(file)) || (file.includes('/docs/') && /\.md$/i.test(file)));
  const samples: Sample[] = [];
  for (const file of files) {
    const raw = await readFile(file, 'utf8').catch(() => '');
    const text = tidy(raw);
    if (text.length < MIN_LENGTH || text.length > MAX_LENGTH || !isProse(text)) continue;
    const path = file.slice(folder.length + 1);
    const isReadme = /^readme/i.test(basename(file));
    samples.push({
      id: `samples/${name}/${path}`,
      title: isReadme ? name : `${name}: ${headingOf(text) ?? path}`,
      text,
      package: name,
      version,
      licence,
    });
  }
  return samples;
}

/** Name, version and licence of a package, with the licence's own text where the package brings it. */
async function noticeOf({ name, version, licence, folder }: InstalledPackage): Promise<string> {
  const file = (await readdir(folder)).find((entry) => /^(?:licen[cs]e|copying)/i.test(entry));
  const text = file ? await readFile(join(folder, file), 'utf8').catch(() => '') : '';
  return `${'='.repeat(80)}\n${name} ${version}: ${licence}\n\n${text.trim()}\n`;
}

/** Takes out what says nothing: badges, pictures, HTML tags and comments, runs of empty lines. */
function tidy(markdown: string): string {
  return markdown
    .replace(/\r\n?/g, '\n')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/\[!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])\](?:\([^)]*\)|\[[^\]]*\])/g, '')
    .replace(/!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])/g, '')
    .replace(/^\[[^\]\n]+\]:[ \t]+\S+.*$/gm, '')
    .replace(
      /<\/?(?:a|p|div|img|br|h[1-6]|table|thead|tbody|tr|td|th|sub|sup|b|i|strong|em|picture|source|details|summary|center|samp|span|kbd)\b[^>]*>/gi,
      '',
    )
    .replace(/^[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Mostly words: lists of links and tables of sponsors are no documents. */
function isProse(text: string): boolean {
  const words = text.match(/\p{L}{3,}/gu)?.length ?? 0;
  const links = text.match(/\]\(|https?:/g)?.length ?? 0;
  return words > 150 && links * 12 < words;
}

function headingOf(text: string): string | undefined {
  return /^#{1,3}[ \t]+(.+?)[ \t#]*$/m.exec(text)?.[1]?.replace(/[`*]/g, '');
}

const packages = await newestPackages();
const seen = new Set<string>();
const samples = (await Promise.all(packages.map(documentsOf)))
  .flat()
  .filter(({ text }) => !seen.has(text) && seen.add(text));
if (samples.length < 100)
  throw new Error(`Only ${samples.length} documents were found in ${STORE}; run pnpm install first.`);
// At most a few from one package, so that no package fills the collection.
const perPackage = new Map<string, number>();
const chosen = samples
  .filter((sample) => {
    const count = (perPackage.get(sample.package) ?? 0) + 1;
    perPackage.set(sample.package, count);
    return count <= 4;
  })
  .slice(0, MAX_SAMPLES);
const sources = packages.filter(({ name }) => perPackage.has(name));
const notices = await Promise.all(sources.map(noticeOf));
await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await writeFile(join(target, 'samples.json'), JSON.stringify(chosen));
await writeFile(
  join(target, 'samples-notice.txt'),
  `The sample collection holds documentation of these packages, each under its licence.\n\n${notices.join('\n')}`,
);
const bytes = chosen.reduce((sum, { text }) => sum + text.length, 0);
console.log(
  `${chosen.length} documents of ${sources.length} packages, ${Math.round(bytes / 1024)} KiB of text`,
);
