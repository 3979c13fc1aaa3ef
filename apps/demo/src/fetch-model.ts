import type { ModelMessage } from './model-messages.ts';

interface FetchModelOptions {
  signal: AbortSignal;
  onProgress(loaded: number, total: number | undefined): void;
}

/** So long without a word, the frame did not even start. */
const START_TIMEOUT = 20_000;

/**
 * Fetches a hub model into this origin's storage, in a frame whose policy, unlike this page's, lets it speak to the hub.
 * Rejects with what went wrong in words, or the signal's reason.
 */
export async function fetchModel(model: string, { signal, onProgress }: FetchModelOptions): Promise<void> {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = 'Fetching a model';
  frame.src = new URL(`get-model.html?${new URLSearchParams({ model })}`, document.baseURI).href;
  const ended = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error('The download did not start. Check the connection and try again.')),
        START_TIMEOUT,
      );
      addEventListener(
        'message',
        ({ source, origin, data }: MessageEvent<ModelMessage>) => {
          if (source !== frame.contentWindow || origin !== location.origin) return;
          clearTimeout(timer);
          if (data.type === 'progress') onProgress(data.loaded, data.total);
          else if (data.type === 'done') resolve();
          else if (data.type === 'failed') reject(new Error(data.message));
        },
        { signal: ended.signal },
      );
      ended.signal.addEventListener('abort', () => clearTimeout(timer));
      signal.addEventListener('abort', () => reject(signal.reason as Error), { signal: ended.signal });
      signal.throwIfAborted();
      document.body.append(frame);
    });
  } finally {
    ended.abort();
    // What runs in it ends with it; pieces that came are kept for the next try.
    frame.remove();
  }
}
