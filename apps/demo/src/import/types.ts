/** What a file is, as a person would name it. Also a facet of the search. */
export type DocumentType = 'text' | 'markdown' | 'web page' | 'pdf' | 'word' | 'table row' | 'record';

/** How the text is laid out: tells the chunker and the reading view where headings are. */
export type TextFormat = 'plain' | 'markdown';

/** One document read from a file. A table or a list of records gives one for each row. */
export interface ImportedDocument {
  /** Stable: the path, with `#n` for the n-th row or record, so that importing again replaces. */
  id: string;
  title: string;
  text: string;
  format: TextFormat;
  type: DocumentType;
  /** Path of the file, as dropped or picked. */
  source: string;
  /** The folder that it was dropped with, or "Files". */
  collection: string;
  /** When the file was last changed, in milliseconds since 1970. */
  date?: number;
}

/** A file with its path below the folder that was dropped or picked. */
export interface SourceFile {
  path: string;
  file: File;
}

/** Limits that keep a hostile or enormous file from taking the tab down. */
export interface ImportLimits {
  /** Longest text of one document, in UTF-16 code units. */
  textLength: number;
  /** Largest file that is read whole, in bytes. Tables and lines of JSON are streamed and may be larger. */
  fileBytes: number;
  /** Most that the text parts of one zipped file may inflate to, in bytes. */
  inflatedBytes: number;
  /** Most that they may inflate by, once they are larger than `ratioFloor` bytes. */
  ratio: number;
  ratioFloor: number;
}

export const DEFAULT_LIMITS: ImportLimits = {
  textLength: 32 * 1024 * 1024,
  fileBytes: 256 * 1024 * 1024,
  inflatedBytes: 128 * 1024 * 1024,
  ratio: 200,
  ratioFloor: 8 * 1024 * 1024,
};

/** Addresses of what pdf.js needs: its parser, and the folder of tables for PDFs in Chinese, Japanese and Korean. */
export interface PdfAssets {
  parser: string;
  characterMaps: string;
}

/** What a reader gets beside the file. */
export interface ReadContext {
  limits: ImportLimits;
  signal?: AbortSignal;
  pdf?: PdfAssets;
  /** Tells of a part of the file that could not be read; the rest goes on. */
  onFailure(failure: ImportFailure): void;
}

export type ImportErrorCode =
  | 'binary'
  | 'damaged'
  | 'encrypted'
  | 'no-text'
  | 'too-large'
  | 'unreadable'
  | 'unsupported'
  | 'zip-bomb';

/** Why a file, or a part of it, did not come in. Plain data: it crosses the worker's boundary. */
export interface ImportFailure {
  path: string;
  code: ImportErrorCode;
  message: string;
}

/** Where an import stands: also where it resumes. */
export interface ImportPosition {
  /** Files that are behind us, read or failed. */
  filesDone: number;
  bytesDone: number;
  /** Where only the reader knows how many there are. */
  filesTotal?: number;
}

export interface ImportBatch {
  documents: ImportedDocument[];
  failures: ImportFailure[];
  position: ImportPosition;
}
