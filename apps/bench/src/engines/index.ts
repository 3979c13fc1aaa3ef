import type { EngineModule } from '../harness/engine.ts';

/** What can be measured, each loaded only in its own realm. */
export const ENGINES = {
  'burrow-embed': (): Promise<EngineModule<never>> => import('./burrow-embed.ts'),
  'transformers-embed': (): Promise<EngineModule<never>> => import('./transformers-embed.ts'),
  'tensorflow-use': (): Promise<EngineModule<never>> => import('./tensorflow-use.ts'),
  corpus: (): Promise<EngineModule<never>> => import('./corpus.ts'),
  'burrow-search': (): Promise<EngineModule<never>> => import('./burrow-search.ts'),
  'orama-search': (): Promise<EngineModule<never>> => import('./orama-search.ts'),
  'minisearch-search': (): Promise<EngineModule<never>> => import('./minisearch-search.ts'),
  'pglite-search': (): Promise<EngineModule<never>> => import('./pglite-search.ts'),
  'scan-search': (): Promise<EngineModule<never>> => import('./scan-search.ts'),
  'burrow-store': (): Promise<EngineModule<never>> => import('./burrow-store.ts'),
  'sqlite-store': (): Promise<EngineModule<never>> => import('./sqlite-store.ts'),
  'pglite-store': (): Promise<EngineModule<never>> => import('./pglite-store.ts'),
  'indexeddb-store': (): Promise<EngineModule<never>> => import('./indexeddb-store.ts'),
  'kept-index': (): Promise<EngineModule<never>> => import('./kept-index.ts'),
  'kernel-operators': (): Promise<EngineModule<never>> => import('./kernel-operators.ts'),
  'onnx-operators': (): Promise<EngineModule<never>> => import('./onnx-operators.ts'),
  'kernel-scan': (): Promise<EngineModule<never>> => import('./kernel-scan.ts'),
} as const;

export type EngineName = keyof typeof ENGINES;
