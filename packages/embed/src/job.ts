import { EmbedError } from './errors.ts';
import type { JobOptions } from './scheduler.ts';
import type { EmbedOptions, ModelCard } from './types.ts';

/**
 * What a call of embed asks for.
 * @throws EmbedError `invalid-argument`
 */
export function buildJob(card: ModelCard, texts: string[], options: EmbedOptions): JobOptions {
  const { kind = 'document', dimensions = card.dimensions, signal, onProgress } = options;
  if (!Array.isArray(texts)) throw new EmbedError('invalid-argument', 'embed takes a list of texts.');
  const wrong = texts.findIndex((text) => typeof text !== 'string');
  if (wrong >= 0) {
    throw new EmbedError('invalid-argument', `Text ${wrong} is ${typeof texts[wrong]}, not a string.`);
  }
  if (kind !== 'query' && kind !== 'document') {
    throw new EmbedError('invalid-argument', `kind is ${String(kind)}; it must be query or document.`);
  }
  const allowed = card.matryoshka ?? [card.dimensions];
  if (dimensions !== card.dimensions && !allowed.includes(dimensions)) {
    const choices = allowed.join(' or ');
    throw new EmbedError('invalid-argument', `${card.id} has no ${dimensions} dimensions. Use ${choices}.`);
  }
  return { prefix: card.prefixes[kind], dimensions, urgent: kind === 'query', signal, onProgress };
}
