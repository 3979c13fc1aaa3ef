// The frame that fetches models. It alone may speak to the hub, and it never sees a document or a query: the
// page with the documents may not speak to anyone, and reads what this one stored.
import './trusted-types.ts';
import { downloadModel } from '@burrow/worker';
import type { ModelMessage } from './model-messages.ts';

const model = new URLSearchParams(location.search).get('model');
const tell = (message: ModelMessage): void => parent.postMessage(message, location.origin);

// Opened by itself it has nobody to tell, and nobody who asked for a download.
if (model !== null && parent !== window) {
  tell({ type: 'started' });
  downloadModel(model, {
    dtype: 'int8',
    onProgress(progress) {
      if (progress.phase === 'download')
        tell({ type: 'progress', loaded: progress.allLoaded, total: progress.allTotal });
    },
  }).then(
    () => tell({ type: 'done' }),
    (error: unknown) =>
      tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
}
