import type { EngineModule } from '../harness/engine.ts';

/** What can be measured, each loaded only in its own realm. */
export const ENGINES = {
  'burrow-embed': (): Promise<EngineModule<never>> => import('./burrow-embed.ts'),
  'transformers-embed': (): Promise<EngineModule<never>> => import('./transformers-embed.ts'),
  'tensorflow-use': (): Promise<EngineModule<never>> => import('./tensorflow-use.ts'),
} as const;

export type EngineName = keyof typeof ENGINES;
