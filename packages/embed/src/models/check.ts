import { EmbedError } from '../errors.ts';
import type { Model } from '../types.ts';
import { namesOf } from './card-files.ts';

/**
 * Says what is wrong with a model that was put together by hand.
 * @throws EmbedError `invalid-model`
 */
export function checkModel(model: Model): Model {
  const bad = (why: string): never => {
    throw new EmbedError('invalid-model', `The model cannot be used: ${why}.`);
  };
  const { card, urls } = model ?? {};
  if (typeof card !== 'object' || card === null || typeof urls !== 'object' || urls === null)
    bad('it needs a card and urls');
  if (typeof card.id !== 'string' || typeof card.revision !== 'string')
    bad('its card needs an id and a revision');
  if (!['static', 'onnx', 'hash'].includes(card.kind)) bad(`its kind is ${String(card.kind)}`);
  if (!Number.isInteger(card.dimensions) || card.dimensions < 1) bad(`its dimensions are ${card.dimensions}`);
  if (!Number.isInteger(card.maxTokens) || card.maxTokens < 3) bad(`its maxTokens is ${card.maxTokens}`);
  if (card.matryoshka?.some((length) => !(length >= 1 && length <= card.dimensions)))
    bad('a Matryoshka dimension is out of range');
  if (card.kind !== 'hash') {
    for (const name of [card.files.tokenizer, ...namesOf(card)]) {
      if (urls[name] === undefined) bad(`urls has no address for ${name}`);
    }
  }
  return model;
}
