export { useLite } from './model.ts';
export type { OnnxModel, OnnxModelCard } from './types.ts';
