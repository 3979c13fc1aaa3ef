// A helper thread of the kernels backend: works on the jobs of its parent, over the weights of one shared memory.
import { holdAlive } from './alive.ts';
import { Encoder } from './encoder/encoder.ts';
import { type EncoderReply, type EncoderRequest, runJob } from './encoder/encoder-job.ts';
import { assist } from './encoder/shared-pass.ts';
import { messageOf } from './errors.ts';

let encoder: Encoder | undefined;

async function answer(request: EncoderRequest): Promise<EncoderReply> {
  try {
    if (request.type === 'run') {
      runJob(encoder!, request.job);
      return {};
    }
    if (request.type === 'assist') {
      assist(encoder!, request.pass);
      return {};
    }
    encoder = new Encoder(request.model, request.pooling);
    // In Node the parent hears of the thread's end by itself.
    return { alive: port === undefined && (await holdAlive(request.lock)) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

const node = typeof process === 'object' ? process.getBuiltinModule?.('node:worker_threads') : undefined;
const port = node?.parentPort ?? undefined;
if (port) port.on('message', async (request: EncoderRequest) => port.postMessage(await answer(request)));
else {
  addEventListener('message', async ({ data }: MessageEvent<EncoderRequest>) =>
    postMessage(await answer(data)),
  );
}
