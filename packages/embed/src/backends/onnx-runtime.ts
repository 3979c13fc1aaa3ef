import type * as Ort from 'onnxruntime-web/wasm';
import { EmbedError, messageOf } from '../errors.ts';
import { inWorker } from '../realm.ts';
import type { BackendRequest } from './backend.ts';

let copies = 0;

/**
 * Loads the build of ONNX Runtime that a device needs, by address: no bundler ever sees it, and nobody who does not need it
 * downloads it. `jspi` is smaller and has less overhead a call than the asyncify build, where the engine can suspend wasm.
 */
export async function loadRuntime({ device, threads, assets }: BackendRequest): Promise<typeof Ort> {
  const suspends = 'Suspending' in WebAssembly;
  const files = assets.onnxruntime[device === 'wasm' ? 'wasm' : suspends ? 'jspi' : 'webgpu'];
  let ort: typeof Ort;
  try {
    // In Node candidates may share a realm; a query makes a fresh copy of the module, whose state cannot be reset.
    const url = files.module.startsWith('file:') ? `${files.module}?copy=${copies++}` : files.module;
    ort = await importModule<typeof Ort>(url);
  } catch (cause) {
    throw new EmbedError(
      'backend-failed',
      `ONNX Runtime could not be loaded from ${files.module}: ${messageOf(cause)}`,
      { cause },
    );
  }
  const { wasm } = ort.env;
  wasm.numThreads = threads;
  wasm.proxy = false;
  if (files.wasm.startsWith('file:')) {
    const { readFile } = process.getBuiltinModule('node:fs/promises');
    wasm.wasmBinary = new Uint8Array(await readFile(new URL(files.wasm))).buffer;
  } else wasm.wasmPaths = { wasm: files.wasm };
  return ort;
}

function importModule<T>(url: string): Promise<T> {
  return import(/* @vite-ignore */ url) as Promise<T>;
}

/**
 * Runs `work` and gives what it made, with the bytes of WebAssembly memory that came with it. ONNX Runtime does not tell them,
 * so memories are seen when they are made; only in a worker, whose realm belongs to this package.
 */
export async function withMemory<T>(
  work: () => Promise<T>,
): Promise<{ made: T; memory: (() => number) | undefined }> {
  if (!inWorker()) return { made: await work(), memory: undefined };
  const memories: WebAssembly.Memory[] = [];
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  try {
    const made = await work();
    return { made, memory: () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) };
  } finally {
    WebAssembly.Memory = Memory;
  }
}
