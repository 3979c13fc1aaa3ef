import { staticEn } from '@burrow/model-static-en';
import type { ModelInput } from './types.ts';

/**
 * The default model by its name, as data with addresses. Only the page knows where files of packages lie; a worker
 * that is given the bare name would look beside itself.
 */
export function withAddresses(model: ModelInput = 'static-en'): ModelInput {
  return model === 'static-en' ? staticEn : model;
}
