// Downloads a model in a realm of its own when it is told to.
import { downloadModel } from '@burrow/embed';

addEventListener('message', ({ data }: MessageEvent<{ model: string; sources: string[] }>) => {
  const notices: string[] = [];
  downloadModel(data.model, {
    hub: { sources: data.sources },
    onProgress: (progress) => progress.phase === 'notice' && notices.push(progress.message),
  }).then(
    ({ id }) => postMessage({ id, notices }),
    (error: unknown) => postMessage({ error: String(error) }),
  );
});
postMessage('ready');
