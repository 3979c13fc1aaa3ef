import type { Model } from '@burrow/embed';
import type { DataSet, GpuAdapter } from '../records/schema.ts';

/** What is measured once more without the newest instructions. */
export const NO_VNNI = { suffix: ', no AVX-VNNI', flags: ['--js-flags=--no-enable-avx-vnni'] };

interface Hashed<T> {
  sha256: string;
  value: T;
}

export interface EmbeddingTexts {
  short: string[];
  medium: string[];
  long: string[];
}

/** Address beside the page. */
export function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

async function load<T>(path: string): Promise<Hashed<T>> {
  const response = await fetch(address(path));
  if (!response.ok)
    throw new Error(
      `${path} answered ${response.status}; the build makes it (pnpm --filter @burrow/bench build).`,
    );
  return (await response.json()) as Hashed<T>;
}

/** The real texts that embedding is measured on, and what the record says of those that were used. */
export async function loadTexts(): Promise<{
  texts: EmbeddingTexts;
  data: (name: string, items: number) => DataSet;
}> {
  const { sha256, value } = await load<EmbeddingTexts>('texts.json');
  return { texts: value, data: (name, items) => ({ name, sha256, items }) };
}

/** Real passages for search, 50,000 of them; served by the runner, not part of a published page. */
export async function loadPassages(): Promise<{ passages: string[]; data: DataSet }> {
  const { sha256, value } = await load<string[]>('local/passages.json');
  return { passages: value, data: { name: 'passages', sha256, items: value.length } };
}

/** Texts of all lengths, shuffled in a fixed way, as documents come in. */
export function mixed({ short, medium, long }: EmbeddingTexts, count: number): string[] {
  const all: string[] = [];
  for (let i = 0; all.length < count; i++) {
    for (const list of [long, short, medium]) if (all.length < count) all.push(list[i % list.length]!);
  }
  return all;
}

/** Models that a local server of the hub's layout has, by id; empty where there is none (a published page). */
export async function loadHubModels(): Promise<Map<string, Model>> {
  const response = await fetch(address('local/hub/models.json')).catch(() => undefined);
  if (!response?.ok || !response.headers.get('content-type')?.includes('json')) return new Map();
  const models = (await response.json()) as Model[];
  for (const model of models) {
    for (const [name, url] of Object.entries(model.urls)) model.urls[name] = address(url as string);
  }
  return new Map(models.map((model) => [model.card.id, model]));
}

/** What WebGPU offers here, undefined where nothing. */
export async function findGpu(): Promise<GpuAdapter | undefined> {
  const gpu = (
    navigator as {
      gpu?: {
        requestAdapter(): Promise<{ info: Record<string, unknown>; isFallbackAdapter?: boolean } | null>;
      };
    }
  ).gpu;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (!adapter) return undefined;
  const text = (name: string): string => String(adapter.info[name] ?? '');
  const found = {
    vendor: text('vendor'),
    architecture: text('architecture'),
    device: text('device'),
    description: text('description'),
  };
  const software =
    adapter.info['isFallbackAdapter'] === true ||
    adapter.isFallbackAdapter === true ||
    /swiftshader|llvmpipe|software|basic render/i.test(Object.values(found).join(' '));
  return { ...found, software };
}
