import { EmbedError } from '../errors.ts';
import type { ModelCache } from './cache.ts';

/** Where pieces of a file are kept while it is downloaded: under `key#offset`. */
export interface PieceStore {
  cache: ModelCache;
  key: string;
  /** Bytes after which a piece is kept. @default 8 MiB */
  pieceBytes?: number;
}

/** What is known of a version of a file. */
export interface FileVersion {
  /** What If-Range takes, a strong ETag or a date; without one the file cannot be taken up again. */
  validator: string | undefined;
  /** Bytes of the whole file. */
  total: number | undefined;
}

const PIECE_BYTES = 8 << 20;

/** A piece is kept as 4 bytes of length, the version of its file as JSON, and the data. */
const LENGTH_BYTES = 4;

/** A file as far as it arrived. All of it is of one version; it outlives a connection, with pieces also the page. */
export class PartialFile {
  loaded = 0;
  version: FileVersion = { validator: undefined, total: undefined };
  private buffer = new Uint8Array(0);
  private kept = 0;
  /** The cache took no more: that costs the resumption, not the download. */
  private full = false;
  private readonly pieces: PieceStore | undefined;

  private constructor(pieces: PieceStore | undefined) {
    this.pieces = pieces;
  }

  /** What the pieces say, as far as they are of one version and leave no gap. */
  static async restore(pieces: PieceStore | undefined): Promise<PartialFile> {
    const file = new PartialFile(pieces);
    while (pieces) {
      const piece = parsePiece(
        await pieces.cache.match(`${pieces.key}#${file.loaded}`).catch(() => undefined),
      );
      if (!piece || (file.loaded > 0 && JSON.stringify(piece.version) !== JSON.stringify(file.version)))
        break;
      file.version = piece.version;
      file.add(piece.data);
      file.kept = file.loaded;
    }
    return file;
  }

  get complete(): boolean {
    return this.loaded > 0 && this.loaded === this.version.total;
  }

  /** Takes the next bytes. */
  async append(bytes: Uint8Array): Promise<void> {
    this.add(bytes);
    const { pieceBytes = PIECE_BYTES } = this.pieces ?? {};
    if (this.loaded - this.kept >= pieceBytes) await this.keepPiece();
  }

  /** Forgets what there is, also what was kept of it: what comes is a version of its own. */
  async restart(version: FileVersion): Promise<void> {
    await this.forgetPieces();
    Object.assign(this, { loaded: 0, version });
  }

  /** The bytes. Nothing is kept of them any more. */
  async finish(): Promise<Uint8Array> {
    await this.forgetPieces();
    const { buffer, loaded } = this;
    return buffer.byteLength === loaded ? buffer : buffer.slice(0, loaded);
  }

  private add(bytes: Uint8Array): void {
    const end = this.loaded + bytes.byteLength;
    if (end > this.buffer.byteLength) this.grow(end);
    this.buffer.set(bytes, this.loaded);
    this.loaded = end;
  }

  /** To the size that the whole file has, where it is known; else to twice what there is, so that copies stay few. */
  private grow(least: number): void {
    const { total = 0 } = this.version;
    const old = this.buffer.subarray(0, this.loaded);
    try {
      this.buffer = new Uint8Array(total >= least ? total : Math.max(least, 2 * this.buffer.byteLength));
    } catch (cause) {
      throw new EmbedError('unsupported', `A file of ${least} bytes or more does not fit into memory.`, {
        cause,
      });
    }
    this.buffer.set(old);
  }

  private async keepPiece(): Promise<void> {
    const { pieces, version, kept, loaded, full } = this;
    if (!pieces || full || version.validator === undefined) return;
    const header = new TextEncoder().encode(JSON.stringify(version));
    const data = this.buffer.subarray(kept, loaded);
    const piece = new Uint8Array(LENGTH_BYTES + header.length + data.length);
    new DataView(piece.buffer).setUint32(0, header.length, true);
    piece.set(header, LENGTH_BYTES);
    piece.set(data, LENGTH_BYTES + header.length);
    try {
      await pieces.cache.put(`${pieces.key}#${kept}`, piece);
      this.kept = loaded;
    } catch {
      this.full = true;
    }
  }

  private async forgetPieces(): Promise<void> {
    const { pieces, kept } = this;
    this.kept = 0;
    if (!pieces || kept === 0) return;
    for (const key of await pieces.cache.keys().catch((): string[] => [])) {
      if (key.startsWith(`${pieces.key}#`)) await pieces.cache.delete(key).catch(() => false);
    }
  }
}

function parsePiece(bytes: Uint8Array | undefined): { version: FileVersion; data: Uint8Array } | undefined {
  if (!bytes || bytes.length < LENGTH_BYTES) return undefined;
  const start = LENGTH_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (start >= bytes.length) return undefined;
  try {
    const version = JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, start))) as FileVersion;
    return typeof version.validator === 'string' ? { version, data: bytes.subarray(start) } : undefined;
  } catch {
    return undefined;
  }
}
