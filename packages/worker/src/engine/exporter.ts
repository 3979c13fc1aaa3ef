import type { BackupDocument, BackupSettings } from '../backup/types.ts';
import type { SearchDocument } from '../types.ts';
import type { Side } from './index-book.ts';

/** What there is to export. */
export function exportPlan(side: Side | undefined): { settings: BackupSettings | undefined; ids: string[] } {
  if (!side) return { settings: undefined, ids: [] };
  const { modelId, space, dimensions, schema } = side.settings;
  return { settings: { modelId, space, dimensions, schema }, ids: [...side.index.ids()] };
}

/** Documents with passages and vectors; those that were removed meanwhile are left out. */
export async function exportDocuments(side: Side | undefined, ids: string[]): Promise<BackupDocument[]> {
  const documents: BackupDocument[] = [];
  if (!side) return documents;
  for (const id of ids) {
    let text: string | undefined;
    let place: string | undefined;
    do {
      // Read again when an update came in between: passages must fit their text.
      place = side.index.locator(id)?.join();
      text = await side.index.text(id);
    } while (place !== side.index.locator(id)?.join());
    const fields = side.index.get(id);
    const passages = side.index.chunks(id);
    if (text === undefined || !fields || !passages) continue;
    documents.push({ document: { ...fields, id, text } as SearchDocument, ...passages });
  }
  return documents;
}
