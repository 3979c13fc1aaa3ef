import { EmbedError } from '../errors.ts';
import { ask, download, type DownloadOptions } from './download.ts';
import { addressesOf } from './hub.ts';
import { type Json, type ModelReader, parseJson } from './model-reader.ts';

export interface HubReaderOptions extends Pick<DownloadOptions, 'token' | 'signal' | 'wait'> {
  sources: string[];
}

/** Reads a model from its addresses, in turn. */
export class HubReader implements ModelReader {
  private readonly id: string;
  private readonly revision: string;
  private readonly options: HubReaderOptions;

  constructor(id: string, revision: string, options: HubReaderOptions) {
    this.id = id;
    this.revision = revision;
    this.options = options;
  }

  /** @throws EmbedError what downloading throws, but for `not-found`; the signal's reason. */
  async json(file: string): Promise<Json | undefined> {
    const { token, signal, wait } = this.options;
    return this.first(file, async (url) => {
      const local = url.startsWith('file:');
      const bytes = local ? await readLocal(url) : await download(url, { token, signal, wait });
      return bytes && parseJson(url, bytes);
    });
  }

  /** @throws EmbedError `download-failed`, `rate-limited` when no address answered; the signal's reason. */
  async size(file: string): Promise<number | undefined> {
    return this.first(file, async (url) => {
      if (url.startsWith('file:')) {
        const { stat } = process.getBuiltinModule('node:fs/promises');
        return (await stat(new URL(url)).catch(() => undefined))?.size;
      }
      let response = await ask(url, 'HEAD', this.options);
      if (response.status === 405 || response.status === 501) response = await ask(url, 'GET', this.options);
      await response.body?.cancel();
      if (!response.ok) return undefined;
      const { headers } = response;
      return headers.has('Content-Encoding') ? 0 : Number(headers.get('Content-Length') ?? 0);
    });
  }

  /** @throws EmbedError as `size` */
  async start(file: string): Promise<ReadableStream<Uint8Array> | undefined> {
    return this.first(file, async (url) => {
      if (url.startsWith('file:')) {
        const bytes = await readLocal(url);
        return bytes && new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
      }
      const { ok, body } = await ask(url, 'GET', this.options, { Range: 'bytes=0-1048575' });
      return ok && body ? body : void (await body?.cancel());
    });
  }

  /** The first answer among the addresses. Only when one could not be asked, none is no answer. */
  private async first<T>(
    file: string,
    find: (url: string) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    let failure: unknown;
    for (const url of addressesOf(this.options.sources, this.id, this.revision, file)) {
      try {
        const found = await find(url);
        if (found !== undefined) return found;
      } catch (error) {
        this.options.signal?.throwIfAborted();
        if (!(error instanceof EmbedError && error.code === 'not-found')) failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return undefined;
  }
}

async function readLocal(url: string): Promise<Uint8Array | undefined> {
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  return readFile(new URL(url)).catch(() => undefined);
}
