import './node.ts';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SourceFile } from '../src/import/types.ts';

const root = new URL('./fixtures/', import.meta.url);

/** Path of a fixture on disk. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(name, root));
}

/** A fixture as the app gets it from a drop. */
export async function fixture(name: string): Promise<SourceFile> {
  const bytes = await readFile(new URL(name, root));
  return {
    path: name,
    file: new File([new Uint8Array(bytes)], name.slice(name.lastIndexOf('/') + 1), {
      lastModified: 1_700_000_000_000,
    }),
  };
}

/** All fixtures of a folder, sorted by name. */
export async function fixtures(folder: string): Promise<SourceFile[]> {
  const names = (await readdir(new URL(`${folder}/`, root))).sort();
  return Promise.all(names.map((name) => fixture(`${folder}/${name}`)));
}

/** A file made up in the test. */
export function madeUp(path: string, content: string | Uint8Array<ArrayBuffer>): SourceFile {
  return { path, file: new File([content], path) };
}
