import type { SourceFile } from './types.ts';

/** Names that no person means: system files, and everything hidden. */
const IGNORED = /^(?:\.|Thumbs\.db$|desktop\.ini$|__MACOSX$|node_modules$)/;

/** Files chosen with a picker; those of a folder keep their path below it. */
export function fromPicker(files: FileList): SourceFile[] {
  return [...files]
    .map((file) => ({ path: file.webkitRelativePath || file.name, file }))
    .filter(({ path }) => !path.split('/').some((part) => IGNORED.test(part)));
}

/**
 * Files and whole folders that were dropped, in the order of their paths. The entries must be taken
 * before the first await: the browser empties the list when the event is over.
 */
export async function fromDrop(items: DataTransferItemList, signal?: AbortSignal): Promise<SourceFile[]> {
  const roots = [...items].map((item) =>
    item.kind === 'file' ? (item.webkitGetAsEntry() ?? item.getAsFile()) : null,
  );
  const found: SourceFile[] = [];
  for (const root of roots) {
    if (root instanceof File) found.push({ path: root.name, file: root });
    else if (root) await walk(root, found, signal);
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function walk(entry: FileSystemEntry, found: SourceFile[], signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  if (IGNORED.test(entry.name)) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ path: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives its entries in parts; an empty part is the end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) return;
    for (const child of part) await walk(child, found, signal);
  }
}
