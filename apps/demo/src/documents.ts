import type { SearchDocument } from '@burrow/worker';
import type { DocumentType, ImportedDocument, TextFormat } from './import/types.ts';

/** Fields that the index filters and counts by. */
export const SCHEMA: Record<string, string> = { type: 'enum', collection: 'enum', date: 'number' };

/** Facets of the rail, in order. */
export const FACETS: readonly { field: 'type' | 'collection'; label: string }[] = [
  { field: 'collection', label: 'Collection' },
  { field: 'type', label: 'Type' },
];

/** What is shown of a document. */
export interface DocumentFields {
  id: string;
  title: string;
  source: string;
  collection: string;
  type: DocumentType;
  format: TextFormat;
  date?: number;
}

/** An imported document as the engine takes it. */
export function toSearchDocument(document: ImportedDocument): SearchDocument {
  return { ...document };
}

/** The fields of a stored document; what another version of the app stored may lack some. */
export function fieldsOf(document: { id: string; [field: string]: unknown }): DocumentFields {
  const text = (field: string, otherwise: string): string => {
    const value = document[field];
    return typeof value === 'string' && value !== '' ? value : otherwise;
  };
  return {
    id: document.id,
    title: text('title', document.id),
    source: text('source', document.id),
    collection: text('collection', 'Files'),
    type: text('type', 'text') as DocumentType,
    format: text('format', 'plain') as TextFormat,
    ...(typeof document['date'] === 'number' ? { date: document['date'] } : {}),
  };
}
