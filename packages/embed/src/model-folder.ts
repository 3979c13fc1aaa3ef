import { EmbedError, messageOf } from './errors.ts';
import { namesOf } from './models/card-files.ts';
import { checkModel } from './models/check.ts';
import { sha256 } from './models/load-file.ts';
import { type Json, type ModelReader, parseJson } from './models/model-reader.ts';
import { readCard } from './models/read-card.ts';
import type { Model } from './types.ts';

/**
 * Reads a model from a folder in the layout of a hub: one that a person chose (`showDirectoryPicker`) or one of the
 * origin's own (`navigator.storage.getDirectory`). Nothing is downloaded or copied: the model names the files, which are
 * read when an embedder starts. Its revision is a fingerprint of its weights, so that the same files are the same space
 * wherever they lie. Needs a secure page, as handles do.
 *
 * ```ts
 * const embedder = await createEmbedder({ model: await readModelFolder(await showDirectoryPicker()) });
 * ```
 * @throws EmbedError `unknown-model`, `unsupported`, `invalid-model`; `unauthorized` when the folder may not be read; the
 * signal's reason.
 */
export async function readModelFolder(
  directory: FileSystemDirectoryHandle,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Model> {
  signal?.throwIfAborted();
  const reader = new DirectoryReader(directory);
  const id = directory.name || 'folder';
  const card = await readCard(id, 'folder', reader);
  const files = await Promise.all(
    namesOf(card).map(async (name) => {
      const file = await reader.file(name);
      if (!file) throw new EmbedError('invalid-model', `${id} has no ${name}.`);
      return [name, file] as const;
    }),
  );
  signal?.throwIfAborted();
  const urls = Object.fromEntries(files);
  const weights = card.files.weights;
  const revision = await fingerprint(urls[(weights.fp32 ?? weights.fp16 ?? weights.int8)!]!);
  signal?.throwIfAborted();
  return checkModel({ card: { ...card, revision }, urls });
}

const SAMPLES = 64;
const SAMPLE_BYTES = 16 << 10;

/** Of a file's size and of samples all over it: whoever trains a model changes all of its weights. */
async function fingerprint(file: File): Promise<string> {
  const step = Math.max(SAMPLE_BYTES, file.size / SAMPLES);
  const parts: Blob[] = [new Blob([`${file.size} `])];
  for (let at = 0; at < file.size; at += step) parts.push(file.slice(at, at + SAMPLE_BYTES));
  const hash = await sha256(new Uint8Array(await new Blob(parts).arrayBuffer()));
  if (hash === undefined) throw new EmbedError('unsupported', 'Folders can only be read on a secure page.');
  return hash.slice(0, 32);
}

class DirectoryReader implements ModelReader {
  private readonly root: FileSystemDirectoryHandle;

  constructor(root: FileSystemDirectoryHandle) {
    this.root = root;
  }

  /** @throws EmbedError `unauthorized` */
  async file(path: string): Promise<File | undefined> {
    const names = path.split('/');
    const last = names.pop()!;
    try {
      let folder = this.root;
      for (const name of names) folder = await folder.getDirectoryHandle(name);
      return await (await folder.getFileHandle(last)).getFile();
    } catch (cause) {
      const { name } = cause as Error;
      // A TypeError: the name is none that a file can have.
      if (['NotFoundError', 'TypeMismatchError', 'TypeError'].includes(name)) return undefined;
      throw new EmbedError(
        'unauthorized',
        `${path} of ${this.root.name} cannot be read: ${messageOf(cause)} Ask for permission, or choose the folder again.`,
        { cause },
      );
    }
  }

  async json(path: string): Promise<Json | undefined> {
    const file = await this.file(path);
    return file && parseJson(path, new Uint8Array(await file.arrayBuffer()));
  }

  async size(path: string): Promise<number | undefined> {
    return (await this.file(path))?.size;
  }

  async start(path: string): Promise<ReadableStream<Uint8Array> | undefined> {
    return (await this.file(path))?.stream();
  }
}
