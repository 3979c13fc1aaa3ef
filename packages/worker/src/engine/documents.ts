import type { DocumentFailure, WorkerErrorCode } from '../errors.ts';
import type { SearchDocument } from '../types.ts';

const MAX_ID_LENGTH = 512;

export interface SortedOut {
  accepted: SearchDocument[];
  failures: DocumentFailure[];
}

/**
 * Sorts out what cannot be a document: one bad document costs itself alone. Types of fields are the index's to
 * judge; here only what the engine itself needs.
 */
export function sortOut(documents: unknown[], maxTextLength: number): SortedOut {
  const accepted: SearchDocument[] = [];
  const failures: DocumentFailure[] = [];
  const seen = new Set<string>();
  documents.forEach((document, place) => {
    const failure = examine(document, place, maxTextLength, seen);
    if (failure) failures.push(failure);
    else accepted.push(document as SearchDocument);
  });
  return { accepted, failures };
}

function examine(
  document: unknown,
  place: number,
  maxTextLength: number,
  seen: Set<string>,
): DocumentFailure | undefined {
  const fail = (id: string, code: WorkerErrorCode, message: string): DocumentFailure => ({
    id,
    code,
    message,
  });
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return fail(`#${place}`, 'invalid-document', `Document ${place} is not an object with "id" and "text".`);
  }
  const { id, text, title, format } = document as Record<string, unknown>;
  if (typeof id !== 'string' || id.length === 0 || id.length > MAX_ID_LENGTH) {
    const message = `Document ${place} needs an "id": a string of 1 to ${MAX_ID_LENGTH} characters, not ${describe(id)}.`;
    return fail(
      typeof id === 'string' && id ? `${id.slice(0, 64)}…` : `#${place}`,
      'invalid-document',
      message,
    );
  }
  const name = JSON.stringify(id);
  if (seen.has(id)) {
    return fail(
      id,
      'duplicate-id',
      `The id ${name} comes twice in this list. Give each document an id of its own.`,
    );
  }
  if (typeof text !== 'string') {
    return fail(
      id,
      'invalid-document',
      `Document ${name} needs a "text" that is a string, not ${describe(text)}.`,
    );
  }
  if (title !== undefined && typeof title !== 'string') {
    return fail(
      id,
      'invalid-document',
      `Document ${name} has a "title" that is not a string but ${describe(title)}.`,
    );
  }
  if (format !== undefined && format !== 'plain' && format !== 'markdown') {
    return fail(
      id,
      'invalid-document',
      `Document ${name} has an unknown "format": use "plain" or "markdown".`,
    );
  }
  if (text.length > maxTextLength) {
    const message = `Document ${name} has ${text.length} characters of text; at most ${maxTextLength} are taken (maxTextLength). Cut it into parts.`;
    return fail(id, 'document-too-large', message);
  }
  if (text.trim() === '') {
    return fail(id, 'no-text', `Document ${name} has no text to search. Leave it out, or give it some.`);
  }
  seen.add(id);
  return undefined;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : `${typeof value}`;
}
