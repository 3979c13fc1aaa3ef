import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { preview } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface BenchServers extends AsyncDisposable {
  /** Address of the page with isolation headers. */
  isolated: string;
  /** Address of the same page without. */
  plain: string;
}

/** Serves the built app twice: with isolation headers and without. */
export async function serveApp(outDir: string = `${root}dist`): Promise<BenchServers> {
  if (!existsSync(`${outDir}/bench.html`))
    throw new Error(`There is no built bench in ${outDir}. Run: npx pnpm --filter @burrow/bench... build`);
  const start = (headers?: Record<string, string>): ReturnType<typeof preview> =>
    preview({
      root,
      logLevel: 'error',
      build: { outDir },
      preview: {
        port: 0,
        strictPort: false,
        host: '127.0.0.1',
        open: false,
        ...(headers ? { headers } : {}),
      },
    });
  const isolated = await start();
  const plain = await start({
    'Cross-Origin-Opener-Policy': 'unsafe-none',
    'Cross-Origin-Embedder-Policy': 'unsafe-none',
  });
  return {
    isolated: isolated.resolvedUrls!.local[0]!,
    plain: plain.resolvedUrls!.local[0]!,
    async [Symbol.asyncDispose]() {
      await Promise.all([isolated.close(), plain.close()]);
    },
  };
}
