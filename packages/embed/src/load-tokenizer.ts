import { HashEncoder } from './backends/hash.ts';
import type { HubOptions } from './models/hub.ts';
import { ModelFiles } from './models/model-files.ts';
import { resolveModel } from './models/resolve.ts';
import { ModelTokenizer } from './tokenizer.ts';
import type { Model, Tokenizer } from './types.ts';

/**
 * Loads a model's tokenizer, and nothing else of it, into the caller's realm. Its methods are synchronous.
 * @throws EmbedError `invalid-model`, `download-failed`; the signal's reason when it was aborted.
 */
export async function loadTokenizer(
  source?: string | Model,
  options: { signal?: AbortSignal; hub?: HubOptions } = {},
): Promise<Tokenizer> {
  const { hub = {}, signal } = options;
  const { model, cache } = await resolveModel(source, { ...hub, signal });
  const { card } = model;
  if (card.kind === 'hash') return new HashEncoder();
  const files = new ModelFiles(model, { signal, token: hub.token, cache });
  const read = async (name: string): Promise<string> => new TextDecoder().decode(await files.read(name));
  const { tokenizer, tokenizerConfig } = card.files;
  return new ModelTokenizer(card, await read(tokenizer), tokenizerConfig && (await read(tokenizerConfig)));
}
