import { WorkerError } from '../errors.ts';
import type { BackupDocument, BackupSettings } from './types.ts';

/** "BURROWBK" and the version of the format, little-endian. */
const MAGIC = Uint8Array.of(0x42, 0x55, 0x52, 0x52, 0x4f, 0x57, 0x42, 0x4b);
const VERSION = 1;
const PREFIX_LENGTH = 12;
/** Before each frame: kind u32, length u32, SHA-256 of the content. */
const HEAD_LENGTH = 40;
/** No frame is longer; a length beyond is damage, not a reason to allocate. */
const LONGEST_FRAME = 512 << 20;

const Kind = { header: 1, documents: 2, end: 3 } as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface BackupHeader {
  /** ISO 8601. */
  created: string;
  settings: BackupSettings | undefined;
}

/** Counts at the end: a file that lacks them was cut off. */
export interface BackupEnd {
  documents: number;
}

/** The beginning of a backup file. */
export async function encodeHeader(header: BackupHeader): Promise<Uint8Array> {
  const frame = await encodeFrame(Kind.header, encoder.encode(JSON.stringify(header)));
  const bytes = new Uint8Array(PREFIX_LENGTH + frame.length);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(8, VERSION, true);
  bytes.set(frame, PREFIX_LENGTH);
  return bytes;
}

export function encodeEnd(end: BackupEnd): Promise<Uint8Array> {
  return encodeFrame(Kind.end, encoder.encode(JSON.stringify(end)));
}

/** Documents as JSON (which escapes lone surrogates, so that nothing is lost), then their vectors as float32. */
export function encodeDocuments(documents: readonly BackupDocument[]): Promise<Uint8Array> {
  const json = encoder.encode(
    JSON.stringify(
      documents.map(({ document, chunks, vectors }) => ({
        document,
        chunks,
        numbers: vectors?.length ?? 0,
      })),
    ),
  );
  const numbers = documents.reduce((sum, { vectors }) => sum + (vectors?.length ?? 0), 0);
  const content = new Uint8Array(4 + json.length + numbers * 4);
  const view = new DataView(content.buffer);
  view.setUint32(0, json.length, true);
  content.set(json, 4);
  let at = 4 + json.length;
  for (const { vectors } of documents) {
    for (const value of vectors ?? []) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return encodeFrame(Kind.documents, content);
}

/**
 * Reads a backup from its beginning and checks every part.
 *
 * @throws WorkerError `backup-damaged`, `backup-newer`
 */
export async function* readBackup(
  file: Blob,
): AsyncGenerator<{ header: BackupHeader } | { documents: BackupDocument[] }> {
  const prefix = await bytesOf(file, 0, PREFIX_LENGTH);
  if (prefix.length < PREFIX_LENGTH || MAGIC.some((byte, i) => prefix[i] !== byte))
    throw new WorkerError('backup-damaged', 'This file is no backup of Burrow.');
  const version = new DataView(prefix.buffer).getUint32(8, true);
  if (version > VERSION) {
    const message = `This backup has the format ${version}; this version of the app reads up to ${VERSION}. Update the app, then import it again.`;
    throw new WorkerError('backup-newer', message);
  }
  let count = 0;
  for (let at = PREFIX_LENGTH; ;) {
    const { kind, content, next } = await readFrame(file, at);
    at = next;
    if (kind === Kind.header) yield { header: JSON.parse(decoder.decode(content)) as BackupHeader };
    else if (kind === Kind.documents) {
      const documents = decodeDocuments(content);
      count += documents.length;
      yield { documents };
    } else if (kind === Kind.end) {
      const end = JSON.parse(decoder.decode(content)) as BackupEnd;
      if (end.documents !== count) throw damaged(`it has ${count} of ${end.documents} documents`);
      return;
    } else throw damaged(`its part at ${at} is of an unknown kind`);
  }
}

function decodeDocuments(content: Uint8Array): BackupDocument[] {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const length = view.getUint32(0, true);
  const listed = JSON.parse(decoder.decode(content.subarray(4, 4 + length))) as (BackupDocument & {
    numbers: number;
  })[];
  let at = 4 + length;
  return listed.map(({ document, chunks, numbers }) => {
    if (numbers === 0) return { document, chunks };
    const vectors = new Float32Array(numbers);
    for (let i = 0; i < numbers; i++, at += 4) vectors[i] = view.getFloat32(at, true);
    return { document, chunks, vectors };
  });
}

async function encodeFrame(kind: number, content: Uint8Array): Promise<Uint8Array> {
  const frame = new Uint8Array(HEAD_LENGTH + content.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, kind, true);
  view.setUint32(4, content.length, true);
  frame.set(await digest(content), 8);
  frame.set(content, HEAD_LENGTH);
  return frame;
}

async function readFrame(
  file: Blob,
  at: number,
): Promise<{ kind: number; content: Uint8Array; next: number }> {
  const head = await bytesOf(file, at, HEAD_LENGTH);
  if (head.length < HEAD_LENGTH) throw damaged('it ends too early');
  const view = new DataView(head.buffer);
  const length = view.getUint32(4, true);
  const next = at + HEAD_LENGTH + length;
  if (length > LONGEST_FRAME || next > file.size) throw damaged('it ends too early');
  const content = await bytesOf(file, at + HEAD_LENGTH, length);
  const expected = head.subarray(8);
  if ((await digest(content)).some((byte, i) => byte !== expected[i]))
    throw damaged(`its part at ${at} does not match its checksum`);
  return { kind: view.getUint32(0, true), content, next };
}

async function bytesOf(file: Blob, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.slice(from, from + length).arrayBuffer());
}

async function digest(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

function damaged(reason: string): WorkerError {
  const message = `This backup is damaged: ${reason}. Nothing was imported. Copy the file again from where it comes from.`;
  return new WorkerError('backup-damaged', message);
}
