/// <reference lib="webworker" />
// oxlint-disable-next-line import/default -- the default export is Vite's: the file's address
import parser from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';
import { asFailure } from './errors.ts';
import { importFiles } from './import-files.ts';
import type { ImportReply, ImportRequest } from './protocol.ts';
import { readSamples } from './read-samples.ts';
import type { ImportBatch } from './types.ts';

declare const self: DedicatedWorkerGlobalScope;

let batches: AsyncGenerator<ImportBatch> | undefined;
/** One batch is read while the page is busy with the one before it, never more. */
let ahead: Promise<IteratorResult<ImportBatch, void>> | undefined;

self.addEventListener('message', ({ data }: MessageEvent<ImportRequest>) => {
  if (data.type === 'start') {
    const { source, characterMaps } = data;
    const pdf = { parser: new URL(parser, self.location.href).href, characterMaps };
    // Nothing to cancel here: the page ends the worker.
    batches = 'files' in source ? importFiles(source.files, { pdf }) : readSamples(source.samples);
    readAhead();
  } else void answer();
});

function readAhead(): void {
  ahead = batches?.next();
  // Told when the page asks for it.
  ahead?.catch(() => undefined);
}

async function answer(): Promise<void> {
  const reply = (message: ImportReply): void => self.postMessage(message);
  try {
    const next = await ahead;
    if (!next || next.done) return reply({ type: 'done' });
    reply({ type: 'batch', batch: next.value });
    readAhead();
  } catch (error) {
    reply({ type: 'failed', failure: asFailure(error, 'Import') });
  }
}
