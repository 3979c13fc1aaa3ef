import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** A folder of a model for one test, made of new files and of links to real ones. */
export interface ModelFolder extends AsyncDisposable {
  path: string;
  /** JSON where it is not bytes. */
  write(files: Record<string, Uint8Array | object>): Promise<void>;
  /** New name to the file that it stands for. */
  link(files: Record<string, string>): Promise<void>;
  remove(name: string): Promise<void>;
}

export async function modelFolder(): Promise<ModelFolder> {
  const path = await mkdtemp(join(tmpdir(), 'burrow-model-'));
  const place = async (name: string): Promise<string> => {
    const full = join(path, name);
    await mkdir(dirname(full), { recursive: true });
    await rm(full, { force: true });
    return full;
  };
  return {
    path,
    async write(files) {
      for (const [name, content] of Object.entries(files))
        await writeFile(await place(name), content instanceof Uint8Array ? content : JSON.stringify(content));
    },
    async link(files) {
      for (const [name, target] of Object.entries(files)) await symlink(resolve(target), await place(name));
    },
    remove: (name) => rm(join(path, name)),
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true });
    },
  };
}

/** A safetensors file of float32 tensors. */
export function safetensors(tensors: Record<string, { shape: number[]; data: Float32Array }>): Uint8Array {
  let offset = 0;
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      { dtype: 'F32', shape, data_offsets: [offset, (offset += data.byteLength)] },
    ]),
  );
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  let at = 8 + json.length;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}
