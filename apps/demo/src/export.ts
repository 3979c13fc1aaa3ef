import type { Search } from '@burrow/worker';

const PAGE = 200;

/** Saves all documents as lines of JSON, which this app and others read. Resolves to how many there were. */
export async function exportDocuments(search: Search): Promise<number> {
  // Each page becomes a blob at once, so that the texts leave memory.
  const parts: Blob[] = [];
  let count = 0;
  for (let offset = 0; ; offset += PAGE) {
    const { total, documents } = await search.list({ offset, limit: PAGE });
    const lines: string[] = [];
    for (const { id } of documents) {
      const document = await search.get(String(id));
      if (document) lines.push(`${JSON.stringify(document)}\n`);
    }
    parts.push(new Blob(lines));
    count += lines.length;
    if (documents.length === 0 || offset + PAGE >= total) break;
  }
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'burrow-documents.ndjson';
  link.click();
  // The download has taken hold of the data once the click is handled.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return count;
}
