import { address } from './surroundings.ts';

/** A file that the runner's server sent. */
export interface Sent {
  path: string;
  bytes: number;
  gzip: number;
}

/** Begins to count what the server sends; false where it does not count (a published page). */
export async function countTraffic(): Promise<boolean> {
  const response = await fetch(address('local/traffic'), { method: 'POST' }).catch(() => undefined);
  return response?.ok === true;
}

/** Files that were sent since counting began, those that workers asked for included. */
export async function readTraffic(): Promise<Sent[]> {
  return (await (await fetch(address('local/traffic'))).json()) as Sent[];
}

/** Whether a file belongs to a model, not to the code that runs it. */
export function isModelFile({ path }: Sent): boolean {
  return /\.(?:safetensors|onnx)$|tokenizer|\/local\/hub\//.test(path);
}
