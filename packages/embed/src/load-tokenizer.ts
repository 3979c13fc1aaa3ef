import { HashEncoder } from './backends/hash.ts';
import { ModelFiles } from './model-files.ts';
import { checkModel } from './models/check.ts';
import { ModelTokenizer } from './tokenizer.ts';
import type { Model, Tokenizer } from './types.ts';

/**
 * Loads a model's tokenizer, and nothing else of it, into the caller's realm. Its methods are synchronous.
 * @throws EmbedError `invalid-model`, `download-failed`; the signal's reason when it was aborted.
 */
export async function loadTokenizer(
  model: Model,
  options: { signal?: AbortSignal } = {},
): Promise<Tokenizer> {
  const { card } = checkModel(model);
  if (card.kind === 'hash') return new HashEncoder();
  const files = new ModelFiles(model, options);
  const read = async (name: string): Promise<string> => new TextDecoder().decode(await files.read(name));
  const { tokenizer, tokenizerConfig } = card.files;
  return new ModelTokenizer(card, await read(tokenizer), tokenizerConfig && (await read(tokenizerConfig)));
}
