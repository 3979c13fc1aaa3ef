import { finish, type Steps } from '../bytes/steps.ts';
import { DocumentTable } from '../documents/document-table.ts';
import type { Column } from '../filter/columns.ts';
import type { State } from './state.ts';

/** Removed documents that may stay before their postings are swept: few, or a third of all. */
const TOLERATED = 1024;

export function needsCompaction(state: State): boolean {
  const dead = state.table.count - state.table.living;
  return dead > TOLERATED && dead * 3 > state.table.count;
}

/** Documents that are copied in one step. */
const STEP = 64;

/** Sweeps out what removed documents left behind, and numbers the rest anew. */
export function compact(state: State): void {
  finish(compactInSteps(state));
}

/** Like `compact`. The state stays as it is up to the last step; searches may run between the steps, changes must not. */
export function* compactInSteps(state: State): Steps<void> {
  const old = state.table;
  const documentMap = new Int32Array(old.count).fill(-1);
  const chunkMap = new Int32Array(old.chunkCount).fill(-1);
  const table = new DocumentTable(state.textFields.length);
  const texts = new Map<number, string>();
  for (let document = 0; document < old.count; document++) {
    if (!old.alive.has(document)) continue;
    const fresh = table.add(
      old.id(document),
      old.storedText(document),
      old.language[document]!,
      old.locator(document),
    );
    documentMap[document] = fresh;
    for (let field = 0; field < old.lengths.length; field++)
      table.setLength(fresh, field, old.lengths[field]![document]!);
    for (let chunk = old.firstChunk[document]!; chunk < old.firstChunk[document + 1]!; chunk++) {
      const slot = old.chunkSlot[chunk]!;
      const number = table.addChunk(
        old.chunkStart[chunk]!,
        old.chunkEnd[chunk]!,
        old.chunkLength[chunk]!,
        slot,
      );
      chunkMap[chunk] = number;
    }
    const text = state.texts.held.get(document);
    if (text !== undefined) texts.set(fresh, text);
    if (fresh % STEP === 0) yield;
  }
  const maps = state.textFields.map((_, field) => (field === 0 ? chunkMap : documentMap));
  const { words } = state.lexicon;
  const used = yield* state.index.usedWords(words.count, (field, unit) => maps[field]![unit]! >= 0);
  const { lexicon, map } = yield* state.lexicon.compacted(used);
  const index = yield* state.index.renumbered(maps, map);
  const columns = new Map<string, Column>();
  for (const [name, column] of state.columns) columns.set(name, yield* column.renumbered(documentMap));
  for (let chunk = 0; chunk < table.chunkCount; chunk++) {
    const slot = table.chunkSlot[chunk]!;
    if (slot >= 0) state.vectors!.chunkOf[slot] = chunk;
  }
  // Columns that a search has made meanwhile go: the next one makes them again.
  state.columns = columns;
  state.index = index;
  state.lexicon = lexicon;
  state.texts.held = texts;
  state.table = table;
}
