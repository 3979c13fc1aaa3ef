interface WritableHandle {
  write(bytes: ArrayBufferView | ArrayBuffer, options?: { at?: number }): number;
}

let written: number | undefined;

/**
 * Bytes that this realm has written through sync access handles since the first call, which begins the count. What an
 * engine writes in another worker of its own is not seen.
 */
export function writtenBytes(): number {
  if (written !== undefined) return written;
  written = 0;
  const { prototype } = (
    globalThis as unknown as { FileSystemSyncAccessHandle: { prototype: WritableHandle } }
  ).FileSystemSyncAccessHandle;
  const { write } = prototype;
  prototype.write = function (this: WritableHandle, bytes, options): number {
    const count = options ? write.call(this, bytes, options) : write.call(this, bytes);
    written! += count;
    return count;
  };
  return 0;
}
