import { createIndex, loadIndex } from '@burrow/core';
import type { IndexOptions, Mutation, Schema as IndexSchema, SearchIndex } from '@burrow/core';
import { Pacer } from '@burrow/store-opfs';
import type { Store } from '@burrow/store-opfs';
import type { Schema } from '../types.ts';
import type { DocumentTexts } from './document-texts.ts';

/** What an index was made for; kept beside it. */
export interface IndexSettings {
  modelId: string;
  space: string;
  dimensions: number;
  /** Weight of the vectors in fusion, in [0, 1], from the model card. */
  weight: number;
  schema: Schema;
}

/** An index with its settings. */
export interface Side {
  index: SearchIndex;
  settings: IndexSettings;
}

/** `current` answers; `next` is being filled for another model and takes its place when it is complete. */
export type SideName = 'current' | 'next';

/** First byte of a journal record. The numbers are part of the stored format. */
const Tag = {
  mutateCurrent: 1,
  mutateNext: 2,
  beginCurrent: 3,
  beginNext: 4,
  promote: 5,
  dropNext: 6,
} as const;

const MUTATE = { current: Tag.mutateCurrent, next: Tag.mutateNext };
const BEGIN = { current: Tag.beginCurrent, next: Tag.beginNext };
const SETTINGS_SECTION = 'settings';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The one or two indexes of a store, what the journal says of them, and their snapshot. */
export class IndexBook {
  current: Side | undefined;
  next: Side | undefined;
  readonly #texts: DocumentTexts;
  readonly #scanWorker: string;

  /** @param scanWorker address of the worker that helps with scans */
  constructor(texts: DocumentTexts, scanWorker: string) {
    this.#texts = texts;
    this.#scanWorker = scanWorker;
  }

  /** Reads the last checkpoint and replays the journal over it. Returns what could not be replayed, in words. */
  static async load(
    store: Store,
    texts: DocumentTexts,
    scanWorker: string,
  ): Promise<{ book: IndexBook; problems: string[] }> {
    const book = new IndexBook(texts, scanWorker);
    const bytes = await store.section(SETTINGS_SECTION);
    if (bytes) {
      const sides = JSON.parse(decoder.decode(bytes)) as Partial<Record<SideName, IndexSettings>>;
      if (sides.current) book.current = await book.#loadSide(store, 'current', sides.current);
      if (sides.next) book.next = await book.#loadSide(store, 'next', sides.next);
    }
    const problems: string[] = [];
    for await (const record of store.replay()) {
      try {
        await book.#replay(record);
      } catch (error) {
        problems.push(`A change in the journal could not be repeated: ${(error as Error).message}`);
      }
    }
    return { book, problems };
  }

  /** The record that starts a side; `start` does it. */
  beginRecord(name: SideName, settings: IndexSettings): Uint8Array {
    return tagged(BEGIN[name], encoder.encode(JSON.stringify(settings)));
  }

  start(name: SideName, settings: IndexSettings): Side {
    const side = { settings, index: createIndex(this.#indexOptions(settings)) };
    this[name] = side;
    return side;
  }

  /** The record of a change to a side. */
  mutationRecord(name: SideName, mutation: Mutation): Uint8Array {
    return tagged(MUTATE[name], mutation.bytes);
  }

  get promoteRecord(): Uint8Array {
    return new Uint8Array([Tag.promote]);
  }

  get dropNextRecord(): Uint8Array {
    return new Uint8Array([Tag.dropNext]);
  }

  /** `next` takes the place of `current`. */
  promote(): void {
    this.current = this.next ?? this.current;
    this.next = undefined;
  }

  /** All sides that are there. */
  sides(): [SideName, Side][] {
    const all: [SideName, Side | undefined][] = [
      ['current', this.current],
      ['next', this.next],
    ];
    return all.filter((entry): entry is [SideName, Side] => entry[1] !== undefined);
  }

  /** Everything as sections for a checkpoint. Queries get in between; nothing may be changed until it is done. */
  async snapshot(): Promise<Map<string, Uint8Array>> {
    const pacer = new Pacer();
    const sections = new Map<string, Uint8Array>();
    const settings: Partial<Record<SideName, IndexSettings>> = {};
    for (const [name, side] of this.sides()) {
      settings[name] = side.settings;
      const snapshot = await side.index.snapshotInSlices(() => pacer.pause());
      for (const [section, bytes] of snapshot) sections.set(`${name}/${section}`, bytes);
    }
    sections.set(SETTINGS_SECTION, encoder.encode(JSON.stringify(settings)));
    return sections;
  }

  async #loadSide(store: Store, name: SideName, settings: IndexSettings): Promise<Side> {
    const sections = { section: (section: string) => store.section(`${name}/${section}`) };
    return { settings, index: await loadIndex(sections, this.#indexOptions(settings)) };
  }

  async #replay(record: Uint8Array): Promise<void> {
    const payload = record.subarray(1);
    switch (record[0]) {
      case Tag.mutateCurrent:
        await this.current?.index.replay(payload);
        break;
      case Tag.mutateNext:
        await this.next?.index.replay(payload);
        break;
      case Tag.beginCurrent:
        this.start('current', JSON.parse(decoder.decode(payload)) as IndexSettings);
        break;
      case Tag.beginNext:
        this.start('next', JSON.parse(decoder.decode(payload)) as IndexSettings);
        break;
      case Tag.promote:
        this.promote();
        break;
      case Tag.dropNext:
        this.next = undefined;
        break;
      default:
        throw new Error(`its kind ${record[0]} is unknown to this version.`);
    }
  }

  #indexOptions(settings: IndexSettings): IndexOptions {
    const { dimensions, space, weight } = settings;
    return {
      schema: { title: 'string', text: 'string', ...settings.schema } as IndexSchema,
      vector: { dimensions, space, weight, scanWorker: this.#scanWorker },
      texts: { read: (locator) => this.#texts.read(locator) },
    };
  }
}

function tagged(tag: number, payload: Uint8Array): Uint8Array {
  const record = new Uint8Array(1 + payload.length);
  record[0] = tag;
  record.set(payload, 1);
  return record;
}
