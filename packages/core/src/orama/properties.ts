import { isPoint } from '../schema.ts';
import type { AnyDocument } from './orama-types.ts';

/** The values at some dotted paths of a document. Typed arrays come out as plain ones, as Orama's own check wants them. */
export function getDocumentProperties(document: AnyDocument, paths: string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const path of paths) {
    let value: unknown = document;
    for (const key of path.split('.')) {
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as AnyDocument)[key]
          : undefined;
    }
    const plainObject =
      typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
    if (value === undefined || value === null || (plainObject && !isPoint(value))) continue;
    values[path] = ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
  }
  return values;
}
