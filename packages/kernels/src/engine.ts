import { PLAIN, RELAXED } from '../generated/wasm.ts';
import { KernelsError } from './errors.ts';
import type { KernelExports } from './exports.ts';

/** `relaxed` uses fused multiply-add and the 8-bit dot product of relaxed SIMD; `plain` needs only SIMD. */
export type KernelEngine = 'plain' | 'relaxed';

/** Pages of 64 KiB: 4 GiB, all that 32-bit addresses reach. */
const MAXIMUM_PAGES = 65536;
const PAGE = 65536;

const files: Record<KernelEngine, string> = { plain: PLAIN, relaxed: RELAXED };
const modules = new Map<string, WebAssembly.Module>();

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * The file imports a shared memory (limits flag 3). Clearing bit 1 makes it import a plain one, so one file
 * serves both. The import section is the first with id 2; `env.memory` is its only memory.
 */
function unshare(bytes: Uint8Array): void {
  const name = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2]; // "env" "memory" kind 2
  for (let i = 8; i < bytes.length - name.length; i++) {
    if (name.every((byte, j) => bytes[i + j] === byte)) {
      bytes[i + name.length] = 1;
      return;
    }
  }
  throw new KernelsError('bad-data', 'The kernels file imports no memory; build @burrow/kernels again.');
}

function compile(engine: KernelEngine, shared: boolean): WebAssembly.Module {
  const key = `${engine}${shared}`;
  let module = modules.get(key);
  if (!module) {
    const bytes = decode(files[engine]);
    if (!shared) unshare(bytes);
    try {
      module = new WebAssembly.Module(bytes);
    } catch (cause) {
      throw new KernelsError('unsupported', `This engine has no WebAssembly SIMD (${engine}).`, { cause });
    }
    modules.set(key, module);
  }
  return module;
}

let best: KernelEngine | undefined;

/** The better of the two files that this JavaScript engine accepts. */
export function bestEngine(): KernelEngine {
  if (!best) {
    const bytes = decode(RELAXED);
    unshare(bytes);
    best = WebAssembly.validate(bytes) ? 'relaxed' : 'plain';
  }
  return best;
}

/** Whether this JavaScript engine can run the kernels at all (WebAssembly with SIMD). */
export function kernelsSupported(): boolean {
  if (typeof WebAssembly === 'undefined') return false;
  const bytes = decode(PLAIN);
  unshare(bytes);
  return WebAssembly.validate(bytes);
}

export interface KernelOptions {
  /** Default: the better one that the JavaScript engine accepts. */
  engine?: KernelEngine | 'auto';
  /** A memory to work on, for instance the shared one of another thread. Default: a new one. */
  memory?: WebAssembly.Memory;
  /** Makes the new memory a shared one (needs cross-origin isolation in browsers). Default: false. */
  shared?: boolean;
  /** Largest size of the new memory in bytes, at most 4 GiB. Shared memories reserve it. Default: 4 GiB. */
  maximumBytes?: number;
}

/** One instance of the kernels over one memory. */
export interface Kernels {
  readonly engine: KernelEngine;
  readonly memory: WebAssembly.Memory;
  /** What another thread makes its own instance of, over the same memory. */
  readonly module: WebAssembly.Module;
  readonly exports: KernelExports;
  /** Grows the memory until it has at least so many bytes. Views of an unshared memory must be made anew. */
  reserve(bytes: number): void;
}

/**
 * Instantiates the kernels. Synchronous: the file is a few kB and is compiled once per realm.
 * @throws {KernelsError} `unsupported` without WebAssembly SIMD, `out-of-memory` when no memory can be had.
 */
export function createKernels(options: KernelOptions = {}): Kernels {
  const engine = !options.engine || options.engine === 'auto' ? bestEngine() : options.engine;
  const memory = options.memory ?? createMemory(options);
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const module = compile(engine, shared);
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return {
    engine,
    memory,
    module,
    exports: instance.exports as unknown as KernelExports,
    reserve: (bytes) => grow(memory, bytes),
  };
}

function createMemory({ shared = false, maximumBytes }: KernelOptions): WebAssembly.Memory {
  const maximum = maximumBytes ? Math.min(MAXIMUM_PAGES, Math.ceil(maximumBytes / PAGE)) : MAXIMUM_PAGES;
  try {
    return new WebAssembly.Memory({ initial: 1, maximum, shared });
  } catch (cause) {
    throw new KernelsError(
      'out-of-memory',
      `No WebAssembly memory of up to ${maximum} pages could be made.`,
      {
        cause,
      },
    );
  }
}

function grow(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE;
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (cause) {
    throw new KernelsError('out-of-memory', `WebAssembly memory cannot grow to ${bytes} bytes.`, { cause });
  }
}
