export { staticEn } from './model.ts';
export type { StaticModel, StaticModelCard } from './types.ts';
