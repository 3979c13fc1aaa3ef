import { ByteReader, BytesError } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { SearchError } from '../errors.ts';
import { LANGUAGES } from '../text/stemmers.ts';
import type { PreparedEntry } from './prepare.ts';

/** "BRWM", then the version of this format. */
const MAGIC = [0x42, 0x52, 0x57, 0x4d];
const VERSION = 1;
const TYPES = ['add', 'update', 'remove'] as const;

export type DecodedMutation =
  | { type: 'add' | 'update'; entries: (PreparedEntry & { textMissing: boolean })[] }
  | { type: 'remove'; ids: string[] };

/** The bytes of a change for a journal. Texts that the host keeps (those with a locator) are not in it. */
export function encodeMutation(
  type: 'add' | 'update' | 'remove',
  entries: readonly PreparedEntry[],
  ids: readonly string[],
  dimensions: number,
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  out.block(Uint8Array.from([...MAGIC, VERSION, TYPES.indexOf(type)]));
  if (type === 'remove') {
    out.uint(ids.length);
    for (const id of ids) out.string(id);
    return out.finish();
  }
  out.uint(entries.length);
  out.uint(dimensions);
  for (const entry of entries) encodeEntry(out, entry);
  return out.finish();
}

function encodeEntry(out: ByteWriter, entry: PreparedEntry): void {
  out.string(entry.id);
  out.string(entry.stored);
  out.uint((entry.locator ? 1 : 0) | (entry.vectors.length > 0 ? 2 : 0));
  out.uint(entry.language === undefined ? 0 : LANGUAGES.indexOf(entry.language) + 1);
  if (entry.locator) for (const part of entry.locator) out.uint(part);
  else out.string(entry.text);
  out.uint(entry.spans.length / 2);
  let last = 0;
  for (let i = 0; i < entry.spans.length; i += 2) {
    out.uint(entry.spans[i]! - last);
    out.uint(entry.spans[i + 1]! - entry.spans[i]!);
    last = entry.spans[i]!;
  }
  for (const vector of entry.vectors) out.floats(vector);
}

/** Reads a change back. Throws `mutation-damaged` or `mutation-newer`. */
export function decodeMutation(bytes: Uint8Array, dimensions: number): DecodedMutation {
  try {
    return decode(new ByteReader(bytes), dimensions);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new SearchError('mutation-damaged', `A journalled change cannot be read: ${cause.message}.`, {
      cause,
    });
  }
}

function decode(reader: ByteReader, dimensions: number): DecodedMutation {
  const magic = reader.block(4);
  if (!MAGIC.every((byte, i) => magic[i] === byte))
    throw new BytesError('it does not start with the mark of a change');
  const [version, typeByte] = reader.block(2);
  if (version! > VERSION) {
    throw new SearchError(
      'mutation-newer',
      `A journalled change has the format ${version}; this version of Burrow reads up to ${VERSION}.`,
      { value: version },
    );
  }
  const type = TYPES[typeByte!];
  if (version === 0 || type === undefined) throw new BytesError('its header makes no sense');
  const count = reader.uint();
  if (count > reader.left) throw new BytesError('it counts more entries than it has bytes');
  if (type === 'remove') {
    const ids = Array.from({ length: count }, () => reader.string());
    if (reader.left > 0) throw new BytesError('there are bytes left over');
    return { type, ids };
  }
  const width = reader.uint();
  const entries = Array.from({ length: count }, () => decodeEntry(reader, width));
  if (reader.left > 0) throw new BytesError('there are bytes left over');
  if (width !== dimensions && entries.some((entry) => entry.vectors.length > 0)) {
    throw new SearchError(
      'wrong-dimensions',
      `A journalled change has vectors of ${width} dimensions; this index holds ${dimensions}.`,
      { value: width },
    );
  }
  return { type, entries };
}

function decodeEntry(reader: ByteReader, dimensions: number): PreparedEntry & { textMissing: boolean } {
  const id = reader.string();
  const stored = reader.string();
  const flags = reader.uint();
  const language = reader.uint();
  const hasLocator = (flags & 1) !== 0;
  const locator: [number, number, number] | undefined = hasLocator
    ? [reader.uint(), reader.uint(), reader.uint()]
    : undefined;
  const text = hasLocator ? '' : reader.string();
  const chunks = reader.uint();
  if (chunks > reader.left) throw new BytesError('it counts more chunks than it has bytes');
  const spans = new Uint32Array(chunks * 2);
  let last = 0;
  for (let i = 0; i < spans.length; i += 2) {
    spans[i] = last += reader.uint();
    spans[i + 1] = last + reader.uint();
  }
  const vectors = (flags & 2) === 0 ? [] : Array.from({ length: chunks }, () => reader.floats(dimensions));
  const known = language === 0 ? undefined : LANGUAGES[language - 1];
  if (language > 0 && known === undefined) throw new BytesError('it names an unknown language');
  try {
    JSON.parse(stored);
  } catch (cause) {
    throw new BytesError('its fields are not JSON', { cause });
  }
  return {
    id,
    text,
    stored,
    spans,
    vectors,
    textMissing: hasLocator,
    ...(locator && { locator }),
    ...(known && { language: known }),
  };
}
