import { createEmbedder, readModelFolder } from '@burrow/embed';
import { staticEn } from '@burrow/model-static-en';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bytesOf = async (url: string): Promise<ArrayBuffer> => (await fetch(url)).arrayBuffer();

describe('a folder of the browser as a model', () => {
  let root: FileSystemDirectoryHandle;
  const names: string[] = [];

  const newFolder = async (
    files: Record<string, string | ArrayBuffer>,
  ): Promise<FileSystemDirectoryHandle> => {
    const name = `model-${crypto.randomUUID()}`;
    names.push(name);
    const folder = await root.getDirectoryHandle(name, { create: true });
    for (const [path, content] of Object.entries(files)) {
      const [file, ...above] = path.split('/').toReversed() as [string, ...string[]];
      let place = folder;
      for (const name of above.toReversed()) place = await place.getDirectoryHandle(name, { create: true });
      const writing = await (await place.getFileHandle(file, { create: true })).createWritable();
      await writing.write(content);
      await writing.close();
    }
    return folder;
  };
  const vectors = async (
    folder: FileSystemDirectoryHandle,
  ): Promise<{ data: Float32Array; space: string }> => {
    await using embedder = await createEmbedder({ model: await readModelFolder(folder) });
    return { data: (await embedder.embed(['a cat on the sofa', 'tax returns'])).data, space: embedder.space };
  };

  beforeEach(async () => {
    root = await navigator.storage.getDirectory();
  });
  afterEach(async () => {
    for (const name of names.splice(0)) await root.removeEntry(name, { recursive: true });
  });

  it('gives the vectors of its files, and no request', async () => {
    const tokenizer = await bytesOf(staticEn.urls['tokenizer.json']!);
    const weights = await bytesOf(staticEn.urls['model.safetensors']!);
    const config = JSON.stringify({ model_type: 'model2vec' });
    const folder = await newFolder({
      'config.json': config,
      'tokenizer.json': tokenizer,
      'model.safetensors': weights,
    });
    const before = performance.getEntriesByType('resource').length;
    const own = await vectors(folder);
    const asked = performance.getEntriesByType('resource').slice(before);
    expect(asked.map(({ name }) => name).filter((name) => /safetensors|\.json/.test(name))).toEqual([]);
    await using bundled = await createEmbedder();
    expect(own.data).toEqual((await bundled.embed(['a cat on the sofa', 'tax returns'])).data);

    // The same files elsewhere are the same space, others another.
    const modules = JSON.stringify([
      { idx: 0, name: '0', path: '0_StaticEmbedding', type: 'sentence_transformers.models.StaticEmbedding' },
      { idx: 1, name: '1', path: '1_Normalize', type: 'sentence_transformers.models.Normalize' },
    ]);
    const files = (weights: ArrayBuffer): Record<string, string | ArrayBuffer> => ({
      'modules.json': modules,
      '0_StaticEmbedding/tokenizer.json': tokenizer,
      '0_StaticEmbedding/model.safetensors': weights,
    });
    const revisionOf = async (folder: FileSystemDirectoryHandle): Promise<string> =>
      (await readModelFolder(folder)).card.revision;
    const other = weights.slice(0);
    new Uint8Array(other).fill(7, 4_000_000);
    const nested = await newFolder(files(weights));
    expect(await revisionOf(nested)).toBe(await revisionOf(folder));
    expect(await revisionOf(await newFolder(files(other)))).not.toBe(await revisionOf(folder));
    expect((await vectors(nested)).data).toEqual(own.data);
  });

  it('says what is missing, before and after it was read', async () => {
    await expect(readModelFolder(await newFolder({}))).rejects.toMatchObject({ code: 'unknown-model' });
    const incomplete = await newFolder({ 'config.json': JSON.stringify({ model_type: 'model2vec' }) });
    await expect(readModelFolder(incomplete)).rejects.toMatchObject({ code: 'unsupported' });
    const folder = await newFolder({
      'config.json': JSON.stringify({ model_type: 'model2vec' }),
      'tokenizer.json': await bytesOf(staticEn.urls['tokenizer.json']!),
      'model.safetensors': await bytesOf(staticEn.urls['model.safetensors']!),
    });
    const model = await readModelFolder(folder);
    await folder.removeEntry('model.safetensors');
    await expect(createEmbedder({ model })).rejects.toMatchObject({
      code: 'backend-failed',
      message: expect.stringMatching(/model\.safetensors cannot be read any more/) as string,
    });
  });
});
