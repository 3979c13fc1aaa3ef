/** Names of the files of an index that hold a word, in UTF-8 or UTF-16, as they are on the disk. Close it before. */
export async function filesHolding(index: string, word: string): Promise<string[]> {
  const holding: string[] = [];
  const utf16 = new Uint8Array(Uint16Array.from(word, (unit) => unit.charCodeAt(0)).buffer);
  const patterns = [new TextEncoder().encode(word), utf16];
  for await (const [path, file] of filesBelow(await navigator.storage.getDirectory(), '')) {
    if (!path.includes(index)) continue;
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (patterns.some((pattern) => contains(bytes, pattern))) holding.push(path);
  }
  return holding;
}

async function* filesBelow(
  folder: FileSystemDirectoryHandle,
  path: string,
): AsyncGenerator<[path: string, file: File]> {
  for await (const [name, handle] of folder.entries()) {
    const below = `${path}/${name}`;
    if (handle.kind === 'directory') yield* filesBelow(handle as FileSystemDirectoryHandle, below);
    else yield [below, await (handle as FileSystemFileHandle).getFile()];
  }
}

function contains(bytes: Uint8Array, pattern: Uint8Array): boolean {
  for (let at = bytes.indexOf(pattern[0]!); at >= 0; at = bytes.indexOf(pattern[0]!, at + 1))
    if (pattern.every((byte, i) => bytes[at + i] === byte)) return true;
  return false;
}
