import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import type { Commit } from '../src/records/schema.ts';

const sources = fileURLToPath(new URL('../src/', import.meta.url));
const FACADE = '\0measured:';

/**
 * Lets the bench's sources find `@burrow/*` in another folder. A name that the packages there do not have yet is given all
 * the same: whatever is done with it fails and says so, so that a case that needs it is skipped and the others run.
 */
export function measuredPackages(folder: string, commit: Commit): Plugin {
  let wanted: Map<string, Set<string>> | undefined;
  return {
    name: 'burrow-bench-measured-packages',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!source.startsWith('@burrow/') || !importer) return undefined;
      if (importer.startsWith(sources)) return FACADE + source;
      if (!importer.startsWith(FACADE)) return undefined;
      return this.resolve(source, join(folder, 'index.js'), { ...options, skipSelf: true });
    },
    async load(id) {
      if (!id.startsWith(FACADE)) return undefined;
      const source = id.slice(FACADE.length);
      const resolved = await this.resolve(source, join(folder, 'index.js'), { skipSelf: true });
      const there = resolved ? ((await this.load(resolved)).exports ?? []) : [];
      wanted ??= importedNames();
      const absent = [...(wanted.get(source) ?? [])].filter((name) => !there.includes(name));
      const reason = `${source} has no %s at commit ${commit.hash.slice(0, 8)}`;
      return [
        ...(resolved ? [`export * from ${JSON.stringify(source)};`] : []),
        ...absent.map(
          (name) => `export const ${name} = absent(${JSON.stringify(reason.replace('%s', name))});`,
        ),
        'function absent(reason) {',
        '  const fail = () => { throw new Error(reason); };',
        '  return new Proxy(function () {}, { get: fail, apply: fail, construct: fail });',
        '}',
      ].join('\n');
    },
  };
}

/** Values that the bench's sources import from each of our packages. */
function importedNames(): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file)) continue;
    const code = readFileSync(join(sources, file), 'utf8');
    for (const [, list, source] of code.matchAll(/^import \{([^}]*)\} from '(@burrow\/[^']+)'/gm)) {
      const known = names.get(source!) ?? new Set();
      for (const entry of list!.split(',')) {
        const name = /^\s*(?!type\s)(\w+)/.exec(entry)?.[1];
        if (name) known.add(name);
      }
      names.set(source!, known);
    }
  }
  return names;
}
