export const ASSETS: string;
export function asset(...parts: string[]): string | undefined;
export function missingAsset(...parts: string[]): string;
