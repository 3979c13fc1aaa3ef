import type { BlobSegments } from './blobs.ts';
import type { Checksum } from './checksum.ts';
import { FORMAT_VERSION } from './envelope.ts';
import { StoreError, isQuotaError } from './errors.ts';
import type { FileSystem, MaybePromise } from './file-system.ts';
import type { Journal } from './journal.ts';
import { journalFileName } from './journal-writer.ts';
import { MANIFEST_NAMES, type Manifest, type SectionEntry, encodeManifest } from './manifest.ts';
import { Mutex } from './mutex.ts';
import { Pacer } from './pacer.ts';
import { type Recovered, numbersOf } from './recovery.ts';
import { SectionReader, hashSection, sectionFileName, writeSection } from './sections.ts';
import type { CheckpointOptions } from './types.ts';

/** The current checkpoint, and how the next one comes about. */
export class Checkpoints {
  readonly #fileSystem: FileSystem;
  readonly #checksum: Checksum;
  readonly #salt: Uint8Array;
  readonly #blobs: BlobSegments;
  readonly #journal: Journal;
  readonly #dataVersion: number;
  readonly #mutex = new Mutex();
  #manifest: Manifest;
  #slot: 0 | 1;
  #previous: Manifest | undefined;
  #readers: Map<string, SectionReader>;
  #warm: Map<string, Uint8Array>;
  #nextSection: number;

  constructor(
    fileSystem: FileSystem,
    checksum: Checksum,
    recovered: Recovered,
    blobs: BlobSegments,
    journal: Journal,
    dataVersion: number,
  ) {
    this.#fileSystem = fileSystem;
    this.#checksum = checksum;
    this.#salt = recovered.salt;
    this.#blobs = blobs;
    this.#journal = journal;
    this.#dataVersion = dataVersion;
    this.#manifest = recovered.manifest;
    this.#slot = recovered.slot;
    this.#previous = recovered.previous;
    this.#readers = recovered.readers;
    this.#warm = recovered.warm;
    this.#nextSection = recovered.nextSection;
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  lengths(): Map<string, number> {
    return new Map(this.#manifest.sections.map((entry) => [entry.name, entry.length]));
  }

  async section(name: string): Promise<Uint8Array | undefined> {
    const warm = this.#warm.get(name);
    this.#warm.delete(name);
    if (warm) return warm;
    const reader = await this.#reader(name);
    return reader?.read(0, reader.entry.length);
  }

  async readSection(name: string, offset: number, length: number): Promise<Uint8Array | undefined> {
    if (!(offset >= 0 && length >= 0)) {
      throw new StoreError('invalid-argument', `A range must not be negative, got ${offset} and ${length}.`);
    }
    this.#warm.delete(name);
    return (await this.#reader(name))?.read(offset, length);
  }

  /** One that could not be opened when the store was is opened again, to throw what is wrong with it. */
  #reader(name: string): MaybePromise<SectionReader | undefined> {
    const entry = this.#manifest.sections.find((section) => section.name === name);
    return this.#readers.get(name) ?? (entry && SectionReader.open(this.#fileSystem, this.#checksum, entry));
  }

  /** Lets go of contents that were kept from opening. */
  releaseWarm(): void {
    this.#warm.clear();
  }

  /** Resolves when no checkpoint is being written. */
  idle(): Promise<void> {
    return this.#mutex.run(async () => undefined);
  }

  write(sections: ReadonlyMap<string, Uint8Array>, options: CheckpointOptions): Promise<void> {
    const through = options.through ?? this.#journal.sequence;
    return this.#mutex.run(() => this.#write(sections, through, options));
  }

  async #write(
    sections: ReadonlyMap<string, Uint8Array>,
    through: number,
    options: CheckpointOptions,
  ): Promise<void> {
    if (!(through >= this.#manifest.through && through <= this.#journal.sequence)) {
      const range = `${this.#manifest.through} to ${this.#journal.sequence}`;
      throw new StoreError('invalid-argument', `through must be from ${range}, got ${through}.`);
    }
    this.#warm.clear();
    const used = options.segments && new Set(options.segments);
    const census = await this.#blobs.beginCheckpoint(used);
    const unused = (segment: number): boolean =>
      used !== undefined && !used.has(segment) && (options.purge === true || !census.recent.has(segment));
    try {
      await this.#orMakeRoom(() => this.#blobs.flush());
      const firstJournal = await this.#journal.roll(through);
      const entries = await this.#orMakeRoom(() => this.#writeSections(sections, options.keep ?? []));
      const readers = new Map<string, SectionReader>();
      for (const entry of entries) {
        readers.set(entry.name, await SectionReader.open(this.#fileSystem, this.#checksum, entry));
      }
      await this.#switchTo(
        {
          generation: Math.max(this.#manifest.generation, this.#previous?.generation ?? 0) + 1,
          dataVersion: this.#dataVersion,
          through,
          firstJournal,
          nextSegment: census.next,
          nextSection: this.#nextSection,
          segments: census.existing.filter((segment) => !unused(segment)),
          sections: entries,
        },
        readers,
      );
    } catch (error) {
      this.#blobs.abandonCheckpoint(census.recent);
      throw error;
    }
    if (options.purge) await this.#dropPrevious();
    await this.collectGarbage();
  }

  /** When there is no room, the previous checkpoint, which is only a fallback, gives way. */
  async #orMakeRoom<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      if (!isQuotaError(error) || !this.#previous) throw error;
      await this.#dropPrevious();
      await this.collectGarbage();
      return task();
    }
  }

  async #writeSections(
    sections: ReadonlyMap<string, Uint8Array>,
    keep: Iterable<string>,
  ): Promise<SectionEntry[]> {
    const pacer = new Pacer();
    const current = new Map(this.#manifest.sections.map((entry) => [entry.name, entry]));
    const entries: SectionEntry[] = [];
    const written: string[] = [];
    for (const name of keep) {
      const entry = current.get(name);
      if (!entry) throw new StoreError('invalid-argument', `There is no section "${name}" to keep.`);
      if (!sections.has(name)) entries.push(entry);
    }
    for (const [name, content] of sections) {
      const { root } = await hashSection(this.#checksum, content, pacer);
      const same = current.get(name);
      const present = this.#readers.get(name)?.version === FORMAT_VERSION;
      if (same && present && same.root === root && same.length === content.length) {
        entries.push(same);
        continue;
      }
      // The number is used up even if this fails: a number never stands for two contents.
      const entry = { name, file: this.#nextSection++, length: content.length, root };
      try {
        written.push(sectionFileName(entry.file));
        await writeSection(this.#fileSystem, this.#checksum, this.#salt, entry, content, pacer);
      } catch (error) {
        for (const file of written)
          await Promise.resolve(this.#fileSystem.remove(file)).catch(() => undefined);
        throw error;
      }
      entries.push(entry);
    }
    return entries;
  }

  /** Writes the manifest into the place that is not the current one's; from its flush on the new checkpoint counts. */
  async #switchTo(manifest: Manifest, readers: Map<string, SectionReader>): Promise<void> {
    const slot = this.#slot === 0 ? 1 : 0;
    await this.#writeManifest(slot, manifest);
    this.#previous = this.#manifest;
    this.#manifest = manifest;
    this.#slot = slot;
    this.#readers = readers;
  }

  async #writeManifest(slot: 0 | 1, manifest: Manifest): Promise<void> {
    // The checkpoint that stood in this place is void from here on.
    this.#previous = undefined;
    const file = (await this.#fileSystem.open(MANIFEST_NAMES[slot], true))!;
    await file.truncate(0);
    await file.write(0, encodeManifest(this.#checksum, this.#salt, manifest));
    await file.flush();
  }

  /** Lets both places name the current checkpoint, so that nothing of the one before is needed. */
  async #dropPrevious(): Promise<void> {
    const manifest = { ...this.#manifest, generation: this.#manifest.generation + 1 };
    await this.#switchTo(manifest, this.#readers);
  }

  /** Removes files that neither manifest needs. Failing is no harm: the next checkpoint tries again. */
  async collectGarbage(): Promise<void> {
    const manifests = [this.#manifest, ...(this.#previous ? [this.#previous] : [])];
    const firstJournal = Math.min(...manifests.map((manifest) => manifest.firstJournal));
    const nextSegment = Math.min(...manifests.map((manifest) => manifest.nextSegment));
    this.#journal.forget(this.#manifest.firstJournal);
    const sections = new Set(manifests.flatMap((manifest) => manifest.sections.map((entry) => entry.file)));
    const segments = new Set(manifests.flatMap((manifest) => manifest.segments));
    const names = await this.#fileSystem.list();
    const remove = async (task: () => unknown): Promise<void> => {
      // What fails stays until the next time.
      await Promise.resolve()
        .then(task)
        .catch(() => undefined);
    };
    for (const id of numbersOf(names, 'journal')) {
      if (id < firstJournal) await remove(() => this.#fileSystem.remove(journalFileName(id)));
    }
    for (const file of numbersOf(names, 'section')) {
      if (!sections.has(file)) await remove(() => this.#fileSystem.remove(sectionFileName(file)));
    }
    for (const segment of numbersOf(names, 'blobs')) {
      if (segments.has(segment) || segment >= nextSegment) continue;
      await remove(() => this.#blobs.remove(segment));
    }
  }

  /** Bytes in all files; those that are removed meanwhile count for nothing. */
  async storedBytes(): Promise<number> {
    let bytes = 0;
    for (const name of await this.#fileSystem.list()) bytes += await this.#fileSystem.sizeOf(name);
    return bytes;
  }
}
