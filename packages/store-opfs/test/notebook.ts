// A small host of a store, as an index would be one: texts are blobs, changes are records, the state is a section.
import type { BlobRef, Store } from '../src/types.ts';

type Change = { add: [id: number, version: number, ref: BlobRef][] } | { remove: number[] };

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const decode = <T>(bytes: Uint8Array): T => JSON.parse(new TextDecoder().decode(bytes)) as T;

/** The text of a note, which anyone can compute: what the store gives back is compared with it. */
export function noteText(id: number, version: number): string {
  return `${id}/${version} `.repeat(1 + ((id * 7 + version * 13) % 40));
}

export class Notebook {
  readonly store: Store;
  readonly notes: Map<number, { version: number; ref: BlobRef }> = new Map();

  /** Sequence number of the last record that is in `notes`. */
  #applied: number;

  private constructor(store: Store) {
    this.store = store;
    this.#applied = store.sequence;
  }

  static async load(store: Store): Promise<Notebook> {
    const notebook = new Notebook(store);
    const section = await store.section('notes');
    if (section) {
      for (const [id, version, ref] of decode<[number, number, BlobRef][]>(section)) {
        notebook.notes.set(id, { version, ref });
      }
    }
    for await (const record of store.replay()) notebook.#apply(decode<Change>(record));
    return notebook;
  }

  async add(ids: number[], version: number): Promise<void> {
    const refs = await this.store.putBlobs(ids.map((id) => new TextEncoder().encode(noteText(id, version))));
    const change: Change = { add: ids.map((id, i) => [id, version, refs[i]!]) };
    this.#applied = await this.store.append([encode(change)]);
    this.#apply(change);
  }

  /** One batch of several records: all or nothing. */
  async removeEach(ids: number[]): Promise<void> {
    const changes: Change[] = ids.map((id) => ({ remove: [id] }));
    this.#applied = await this.store.append(changes.map(encode));
    for (const change of changes) this.#apply(change);
  }

  async checkpoint(purge = false): Promise<void> {
    const notes = [...this.notes].map(([id, { version, ref }]) => [id, version, ref]);
    const segments = new Set([...this.notes.values()].map(({ ref }) => ref[0]));
    const sections = new Map([
      ['notes', encode(notes)],
      ['constant', encode('always the same')],
      ['padding', new Uint8Array(200).fill(notes.length)],
    ]);
    await this.store.checkpoint(sections, { segments, purge, through: this.#applied });
  }

  async compact(): Promise<void> {
    const ids = [...this.notes.keys()];
    const moved = await this.store.compactBlobs(
      ids.map((id) => this.notes.get(id)!.ref),
      { waste: 0 },
    );
    // The refs count only once the checkpoint is there.
    const before = new Map(this.notes);
    ids.forEach((id, i) => this.notes.set(id, { ...this.notes.get(id)!, ref: moved[i]! }));
    try {
      await this.checkpoint(true);
    } catch (error) {
      for (const [id, note] of before) this.notes.set(id, note);
      throw error;
    }
  }

  /** Which notes there are, in which version; reads every text, and throws if one is not what was put. */
  async state(): Promise<string> {
    for (const [id, { version, ref }] of this.notes) {
      const text = new TextDecoder().decode(await this.store.getBlob(ref));
      if (text !== noteText(id, version))
        throw new Error(`Note ${id}/${version} has the text of another one.`);
    }
    return this.summary();
  }

  summary(): string {
    return JSON.stringify(
      [...this.notes].map(([id, { version }]) => [id, version]).sort(([a], [b]) => a! - b!),
    );
  }

  #apply(change: Change): void {
    if ('add' in change) for (const [id, version, ref] of change.add) this.notes.set(id, { version, ref });
    else for (const id of change.remove) this.notes.delete(id);
  }
}

/** One step of a life with a notebook. */
export type Step =
  | { do: 'add'; ids: number[]; version: number }
  | { do: 'remove'; ids: number[] }
  | { do: 'checkpoint' }
  | { do: 'purge' }
  | { do: 'compact' };

export async function perform(notebook: Notebook, step: Step): Promise<void> {
  if (step.do === 'add') await notebook.add(step.ids, step.version);
  else if (step.do === 'remove') await notebook.removeEach(step.ids);
  else if (step.do === 'compact') await notebook.compact();
  else await notebook.checkpoint(step.do === 'purge');
}

/** What the step makes of a summary. */
export function after(summary: string, step: Step): string {
  const notes = new Map(JSON.parse(summary) as [number, number][]);
  if (step.do === 'add') for (const id of step.ids) notes.set(id, step.version);
  if (step.do === 'remove') for (const id of step.ids) notes.delete(id);
  return JSON.stringify([...notes].sort(([a], [b]) => a - b));
}

/** Everything that happens to an index, in little. */
export const LIFE: Step[] = [
  { do: 'add', ids: [1, 2, 3], version: 1 },
  { do: 'add', ids: [4, 5], version: 1 },
  { do: 'remove', ids: [2] },
  { do: 'checkpoint' },
  { do: 'add', ids: [6, 7, 8, 9], version: 1 },
  { do: 'add', ids: [1, 4], version: 2 },
  { do: 'remove', ids: [5, 6, 7] },
  { do: 'checkpoint' },
  { do: 'add', ids: [10], version: 1 },
  { do: 'compact' },
  { do: 'add', ids: [11, 12], version: 1 },
  { do: 'purge' },
  { do: 'add', ids: [2, 13], version: 3 },
  { do: 'remove', ids: [13, 1] },
];
