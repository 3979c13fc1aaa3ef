import { describe, expect, it } from 'vitest';
import { importFiles } from '../../src/import/import-files.ts';
import type { ImportBatch } from '../../src/import/types.ts';
import { fixtures, madeUp } from '../fixtures.ts';

async function collect(batches: AsyncIterable<ImportBatch>): Promise<ImportBatch[]> {
  const all: ImportBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

describe('importFiles', () => {
  it('takes what is good among hostile files and names each that failed', async () => {
    const hostile = await fixtures('hostile');
    const batches = await collect(importFiles([...hostile, ...(await fixtures('household'))]));
    const documents = batches.flatMap((batch) => batch.documents);
    const failures = batches.flatMap((batch) => batch.failures);
    expect(failures.filter(({ path }) => path.startsWith('hostile/'))).toHaveLength(hostile.length - 1);
    expect(documents).toHaveLength(31);
    expect(new Set(documents.map(({ id }) => id)).size).toBe(documents.length);
  });

  it('reads nothing ahead of what is asked for', async () => {
    let read = 0;
    const files = Array.from({ length: 500 }, (_, index) => {
      const source = madeUp(`${index}.txt`, `text ${index}`);
      const arrayBuffer = source.file.arrayBuffer.bind(source.file);
      source.file.arrayBuffer = () => {
        read++;
        return arrayBuffer();
      };
      return source;
    });
    const batches = importFiles(files);
    const first = await batches.next();
    expect(first.value?.documents).toHaveLength(64);
    expect(read).toBe(64);
    await batches.return(undefined);
  });

  it('resumes from a position without a gap or a repeated file', async () => {
    const files = Array.from({ length: 200 }, (_, index) => madeUp(`${index}.txt`, `text ${index}`));
    const seen: string[] = [];
    const { value } = await importFiles(files).next();
    seen.push(...(value as ImportBatch).documents.map(({ id }) => id));
    // The last document of a full batch may belong to a file that is not behind us yet.
    const rest = await collect(importFiles(files.slice((value as ImportBatch).position.filesDone)));
    seen.push(...rest.flatMap((batch) => batch.documents.map(({ id }) => id)));
    expect(new Set(seen)).toEqual(new Set(files.map(({ path }) => path)));
    expect(seen.length - new Set(seen).size).toBeLessThanOrEqual(1);
  });

  it('stops when aborted', async () => {
    const controller = new AbortController();
    const batches = importFiles(await fixtures('household'), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(batches.next()).rejects.toThrow('enough');
  });

  it('reports the position in files and bytes at the end', async () => {
    const files = [madeUp('a.txt', 'four'), madeUp('b.txt', ''), madeUp('c.csv', 'a,b\n1,2\n')];
    const batches = await collect(importFiles(files));
    expect(batches.at(-1)?.position).toEqual({ filesDone: 3, bytesDone: 12 });
  });
});
