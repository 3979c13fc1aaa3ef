import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { transformWithOxc, type Plugin } from 'vite';

/** Files that are fetched only when they are needed: runtimes, larger models, samples, tables for CJK PDFs. */
const OPTIONAL = /\/ort[.-]|samples|\.onnx$|^pdf\//;

/** Builds src/sw.ts to ./sw.js, with the list of the build's files in it. */
export function serviceWorker(source: string): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const code = await readFile(source, 'utf8');
        const names = Object.keys(bundle)
          .filter((name) => name !== 'sw.js')
          .sort();
        const optional = names.filter((name) => OPTIONAL.test(name) || isOfChosenModel(bundle[name]));
        const files = [
          './',
          ...names.filter((name) => !optional.includes(name) && name !== 'index.html'),
          'icon.svg',
          'manifest.webmanifest',
        ];
        const hash = createHash('sha256').update(code);
        for (const name of names) hash.update(name);
        // The names of pages hold no hash, their content must count too.
        for (const page of Object.values(bundle))
          if (page.type === 'asset' && page.fileName.endsWith('.html')) hash.update(page.source);
        const list = {
          version: hash.digest('hex').slice(0, 12),
          files,
          optional: [...optional, 'samples-notice.txt'],
        };
        const script = await transformWithOxc(code, source, { lang: 'ts', target: 'es2023' });
        this.emitFile({
          type: 'asset',
          fileName: 'sw.js',
          source: `const PRECACHE = ${JSON.stringify(list)};\n${script.code}`,
        });
      },
    },
  };
}

/** Files of the models that a person may choose. */
function isOfChosenModel(file: { type: string } | undefined): boolean {
  const sources = file && 'originalFileNames' in file ? (file.originalFileNames as string[]) : [];
  return sources.some((source) => source.includes('model-use-lite'));
}
