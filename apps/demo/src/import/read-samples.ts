import { ImportError } from './errors.ts';
import type { ImportBatch, ImportedDocument } from './types.ts';

interface Sample {
  id: string;
  title: string;
  text: string;
  package: string;
  version: string;
  licence: string;
}

const BATCH = 24;

/** The sample collection, which the build gathered, as batches like those of files. */
export async function* readSamples(url: string, signal?: AbortSignal): AsyncGenerator<ImportBatch> {
  const response = await fetch(url, signal ? { signal } : {}).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw unavailable(error);
  });
  if (!response.ok) throw unavailable(response.status);
  const samples = (await response.json()) as Sample[];
  for (let start = 0; start < samples.length; start += BATCH) {
    signal?.throwIfAborted();
    const documents = samples.slice(start, start + BATCH).map((sample): ImportedDocument => ({
      id: sample.id,
      title: sample.title,
      text: sample.text,
      format: 'markdown',
      type: 'markdown',
      source: `${sample.package} ${sample.version}, ${sample.licence}`,
      collection: 'Samples',
    }));
    const filesDone = Math.min(start + BATCH, samples.length);
    yield { documents, failures: [], position: { filesDone, bytesDone: 0, filesTotal: samples.length } };
  }
}

function unavailable(cause: unknown): ImportError {
  return new ImportError(
    'unreadable',
    'Samples',
    'the sample collection could not be fetched. Check that you are online and try again; your own files need no connection.',
    { cause },
  );
}
