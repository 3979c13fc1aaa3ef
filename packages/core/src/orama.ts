export { burrow, type BurrowOptions } from './orama/plugin.ts';
