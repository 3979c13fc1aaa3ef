import type { BackendRequest } from '../src/backends/backend.ts';
import { hashModel } from '../src/index.ts';
import type { ModelCard } from '../src/types.ts';

/** The hash model as a card that the ladder tries backends for. */
export const card: ModelCard = { ...hashModel.card, kind: 'onnx' };

/** Starts the real engine of the hash model, whatever backend a test makes of it. */
export const request: BackendRequest = {
  card: hashModel.card,
  device: 'hash',
  dtype: 'fp32',
  threads: 1,
  files: {},
  assets: {} as BackendRequest['assets'],
  allowSoftwareAdapter: false,
};
