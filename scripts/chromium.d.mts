export function chromiumPath(): string | undefined;
export const CHROMIUM_ARGS: string[];
export const SOFTWARE_WEBGPU_ARGS: string[];
export function launchOptions(extra?: string[]): { executablePath?: string; args: string[] };
export const ISOLATION_HEADERS: Record<string, string>;
