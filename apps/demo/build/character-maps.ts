import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

/** Puts pdf.js's predefined character maps beside the app; PDFs in Chinese, Japanese and Korean ask for single ones. */
export function characterMaps(): Plugin {
  const folder = join(dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')), 'cmaps');
  return {
    name: 'character-maps',
    apply: 'build',
    async generateBundle() {
      for (const name of await readdir(folder)) {
        if (!name.endsWith('.bcmap')) continue;
        this.emitFile({
          type: 'asset',
          fileName: `pdf/cmaps/${name}`,
          source: await readFile(join(folder, name)),
        });
      }
    },
  };
}
