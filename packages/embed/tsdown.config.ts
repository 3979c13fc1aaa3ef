import { defineConfig } from 'tsdown';
import { library, workerBundle } from '../../tsdown.base.ts';

export default defineConfig([
  library(['src/index.ts', 'src/orama.ts']),
  workerBundle({ 'embed-worker': 'src/worker.ts' }),
  workerBundle({ 'encoder-worker': 'src/encoder-worker.ts' }),
]);
