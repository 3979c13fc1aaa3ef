// Writes a small store in the present format to test/data/format-N: run it once when the format gets a new version.
// npx tsx packages/store-opfs/scripts/make-sample.ts
import { mkdirSync, writeFileSync } from 'node:fs';
import { FORMAT_VERSION } from '../src/envelope.ts';
import { MemoryFileSystem } from '../src/memory-file-system.ts';
import { openStoreOn } from '../src/open-store-on.ts';
import { SAMPLE_LIFE, SAMPLE_OPTIONS } from '../test/sample-life.ts';
import { Notebook, perform } from '../test/notebook.ts';

const folder = new URL(`../test/data/format-${FORMAT_VERSION}/`, import.meta.url);
const fileSystem = new MemoryFileSystem();
const notebook = await Notebook.load(await openStoreOn('sample', fileSystem, SAMPLE_OPTIONS));
for (const step of SAMPLE_LIFE) await perform(notebook, step);
await notebook.store.close();
mkdirSync(folder, { recursive: true });
for (const [name, file] of fileSystem.files) writeFileSync(new URL(`${name}.bin`, folder), file.bytes());
console.log(`${fileSystem.files.size} files in ${folder.pathname}`);
