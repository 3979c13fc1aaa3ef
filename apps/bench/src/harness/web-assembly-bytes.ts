// Notes every WebAssembly memory of a realm. Import it before anything that makes one.
const memories = new Set<WeakRef<WebAssembly.Memory>>();

function note(memory: unknown): void {
  if (memory instanceof WebAssembly.Memory) memories.add(new WeakRef(memory));
}

function noteExports<T extends WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource>(made: T): T {
  const { exports } = made instanceof WebAssembly.Instance ? made : made.instance;
  Object.values(exports).forEach(note);
  return made;
}

const { Memory, Instance, instantiate, instantiateStreaming } = WebAssembly;
WebAssembly.Memory = new Proxy(Memory, {
  construct(target, parameters, newTarget) {
    const memory = Reflect.construct(target, parameters, newTarget) as WebAssembly.Memory;
    note(memory);
    return memory;
  },
});
WebAssembly.Instance = new Proxy(Instance, {
  construct: (target, parameters, newTarget) =>
    noteExports(Reflect.construct(target, parameters, newTarget) as WebAssembly.Instance),
});
type Instantiated = WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource;
WebAssembly.instantiate = (async (...parameters: Parameters<typeof instantiate>) =>
  noteExports((await instantiate(...parameters)) as Instantiated)) as typeof instantiate;
WebAssembly.instantiateStreaming = async (...parameters) =>
  noteExports(await instantiateStreaming(...parameters));

/** Bytes of all memories that are still in use and that the browser leaves out: it tells those that threads share. */
export function webAssemblyBytes(): number {
  let sum = 0;
  const buffers = new Set<ArrayBufferLike>();
  for (const memory of memories) {
    const buffer = memory.deref()?.buffer;
    if (buffer === undefined || buffers.has(buffer) || isShared(buffer)) continue;
    buffers.add(buffer);
    sum += buffer.byteLength;
  }
  return sum;
}

function isShared(buffer: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer;
}
