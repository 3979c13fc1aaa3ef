import { defineConfig } from 'tsdown';
import { library, workerBundle } from '../../tsdown.base.ts';

export default defineConfig([
  library(['src/index.ts']),
  workerBundle({ 'scan-worker': 'src/scan-worker.ts' }),
]);
