// A thread that helps with the scans of one block: it has the same kernels over the same memory, and sleeps between them.
import type { KernelExports } from './exports.ts';
import type { HelperStart } from './scan-crew.ts';
import { READY, ScanShare, SIGNAL } from './scan-job.ts';

function serve({ module, memory, shared, self, patience }: HelperStart): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const share = new ScanShare(exports as unknown as KernelExports, shared, self);
  Atomics.add(shared, READY, 1);
  for (;;) {
    const signal = Atomics.load(shared, SIGNAL);
    share.work();
    if (Atomics.wait(shared, SIGNAL, signal, patience) === 'timed-out') break;
  }
  Atomics.sub(shared, READY, 1);
}

const node = typeof process === 'object' ? process.getBuiltinModule?.('node:worker_threads') : undefined;
const port = node?.parentPort;
if (port) {
  port.on('message', (start: HelperStart) => {
    serve(start);
    port.postMessage('idle');
    port.close();
  });
} else {
  addEventListener('message', ({ data }: MessageEvent<HelperStart>) => {
    serve(data);
    postMessage('idle');
    close();
  });
}
