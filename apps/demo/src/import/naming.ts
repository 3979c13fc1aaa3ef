import type { SourceFile } from './types.ts';

const TITLE_LENGTH = 140;

/** The file's name without folders and extension. */
export function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

/** The folder that was dropped or picked, else "Files". */
export function collectionOf(path: string): string {
  const slash = path.indexOf('/');
  return slash > 0 ? path.slice(0, slash) : 'Files';
}

/** One line, without control characters, of a length that fits a list. */
export function cleanTitle(title: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  const line = title.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim();
  if (line.length <= TITLE_LENGTH) return line;
  const cut = line.lastIndexOf(' ', TITLE_LENGTH);
  return `${line.slice(0, cut > TITLE_LENGTH / 2 ? cut : TITLE_LENGTH)}…`;
}

/** What all documents of one file share. */
export function fileFields({ path, file }: SourceFile): {
  source: string;
  collection: string;
  date?: number;
} {
  return {
    source: path,
    collection: collectionOf(path),
    ...(file.lastModified > 0 ? { date: file.lastModified } : {}),
  };
}
