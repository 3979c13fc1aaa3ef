import type { UserConfig } from 'tsdown';

/** The library part of a package: modules for bundlers and Node, with declarations. */
export function library(entry: string[] | Record<string, string>): UserConfig {
  return {
    entry,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    dts: true,
    clean: true,
    outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
  };
}

/**
 * A worker: one file with everything in it. The page passes its address around as a plain asset
 * (`new URL('./x-worker.js', import.meta.url)`), so it works in every bundler without configuration,
 * and for that it must not import anything by a relative or bare path.
 */
export function workerBundle(entry: Record<string, string>): UserConfig {
  return {
    entry,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    dts: false,
    clean: false,
    minify: true,
    noExternal: () => true,
    inlineOnly: false,
    outExtensions: () => ({ js: '.js' }),
    outputOptions: { codeSplitting: false },
  };
}
