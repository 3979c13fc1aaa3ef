import { defineConfig } from 'tsdown';
import { library, workerBundle } from '../../tsdown.base.ts';

export default defineConfig([
  library(['src/index.ts']),
  workerBundle({ 'engine-worker': 'src/engine-worker.ts' }),
]);
