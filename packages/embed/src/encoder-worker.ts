// A helper thread of the kernels backend: works on the jobs of its parent, over the weights of one shared memory.
import { Encoder } from './encoder/encoder.ts';
import { type EncoderReply, type EncoderRequest, runJob } from './encoder/encoder-job.ts';
import { messageOf } from './errors.ts';

let encoder: Encoder | undefined;

addEventListener('message', ({ data }: MessageEvent<EncoderRequest>) => {
  const reply: EncoderReply = {};
  try {
    if (data.type === 'start') encoder = new Encoder(data.model, data.pooling);
    else runJob(encoder!, data.job);
  } catch (error) {
    reply.error = messageOf(error);
  }
  postMessage(reply);
});
