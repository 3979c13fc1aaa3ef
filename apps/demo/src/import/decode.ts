import { ImportError } from './errors.ts';

/** How much of a file is looked at to tell text from binary. */
const SAMPLE_BYTES = 8192;

/** The encoding that a byte order mark names, else undefined. */
export function encodingOfMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** Whether the start of a file looks like anything but text: NUL bytes, or many control characters. */
export function looksBinary(bytes: Uint8Array): boolean {
  if (encodingOfMark(bytes)?.startsWith('utf-16')) return false;
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  let control = 0;
  for (const byte of sample) {
    if (byte === 0) return true;
    const isControl = byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27;
    if (isControl) control++;
  }
  return control > sample.length * 0.02;
}

/**
 * The encoding of text without a mark: UTF-8 where the sample is valid, else windows-1252, which
 * every byte sequence is (as browsers do for pages that name no encoding).
 */
export function guessEncoding(bytes: Uint8Array): string {
  const marked = encodingOfMark(bytes);
  if (marked) return marked;
  try {
    // A character may be cut at the end of the sample: `stream` forgives that.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** Bytes to text with line ends as "\n". Throws `binary` where they are no text. */
export function decodeText(bytes: Uint8Array, path: string): string {
  if (looksBinary(bytes)) throw binaryError(path);
  return new TextDecoder(guessEncoding(bytes)).decode(bytes).replace(/\r\n?/g, '\n');
}

export function binaryError(path: string): ImportError {
  return new ImportError(
    'binary',
    path,
    'this is not text. Burrow reads txt, md, html, pdf, docx, csv, json and ndjson files; save it as one of these and add it again.',
  );
}

/** The text of a file in pieces, decoded as it streams. Throws `binary` at the first piece that is none. */
export async function* streamText(file: Blob, path: string): AsyncGenerator<string> {
  const head = new Uint8Array(await file.slice(0, 64 * 1024).arrayBuffer());
  if (looksBinary(head)) throw binaryError(path);
  const decoder = new TextDecoder(guessEncoding(head));
  const reader = file.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield decoder.decode(value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    await reader.cancel();
  }
}
