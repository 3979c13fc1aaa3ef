import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { staticEn } from '@burrow/model-static-en';
import { type HubServer, startHub } from './hub-server.ts';

/** A hub that has the real static model under `id`, in a folder that goes with it. */
export async function startStaticHub(id: string): Promise<HubServer> {
  const folder = await mkdtemp(join(tmpdir(), 'burrow-static-hub-'));
  for (const name of ['model.safetensors', 'tokenizer.json'])
    await writeFile(join(folder, name), await readFile(fileURLToPath(staticEn.urls[name] as string)));
  await writeFile(join(folder, 'config.json'), JSON.stringify({ model_type: 'model2vec', hidden_dim: 256 }));
  const hub = await startHub({ [id]: folder });
  return {
    ...hub,
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
