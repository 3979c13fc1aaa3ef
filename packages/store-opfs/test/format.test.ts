import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FORMAT_VERSION } from '../src/envelope.ts';
import { openStoreOn } from '../src/open-store-on.ts';
import { memoryWith } from './fault-file-system.ts';
import { Notebook, after } from './notebook.ts';
import { SAMPLE_LIFE, SAMPLE_OPTIONS } from './sample-life.ts';

const folder = new URL('./data/', import.meta.url);
const versions = readdirSync(folder).map((name) => Number(name.replace('format-', '')));

function sample(version: number): Map<string, Uint8Array> {
  const files = new URL(`format-${version}/`, folder);
  return new Map(
    readdirSync(files).map((name) => [
      name.replace('.bin', ''),
      new Uint8Array(readFileSync(new URL(name, files))),
    ]),
  );
}

it('has a sample of every version of the format', () => {
  expect(versions.sort((a, b) => a - b)).toEqual(Array.from({ length: FORMAT_VERSION }, (_, i) => i + 1));
});

describe.each(versions)('a stored sample of format %i', (version) => {
  it('is read, written to and moved to the present format', async () => {
    const fileSystem = memoryWith(sample(version));
    const notebook = await Notebook.load(await openStoreOn('sample', fileSystem, SAMPLE_OPTIONS));
    const expected = SAMPLE_LIFE.reduce(after, '[]');
    expect(notebook.store.report.outcome).toBe('clean');
    expect(notebook.store.dataVersion).toBe(3);
    expect(await notebook.state()).toBe(expected);
    await notebook.add([50], 1);
    await notebook.compact();
    await notebook.store.close();
    // After compaction every file is written by this version.
    for (const [name, file] of fileSystem.files) {
      expect(new DataView(file.bytes().buffer).getUint16(8, true), name).toBe(FORMAT_VERSION);
    }
    const again = await Notebook.load(await openStoreOn('sample', fileSystem, SAMPLE_OPTIONS));
    expect(await again.state()).toBe(after(expected, { do: 'add', ids: [50], version: 1 }));
  });
});
