import { DocumentTable } from '../documents/document-table.ts';
import type { State } from './state.ts';

/** Removed documents that may stay before their postings are swept: few, or a third of all. */
const TOLERATED = 1024;

export function needsCompaction(state: State): boolean {
  const dead = state.table.count - state.table.living;
  return dead > TOLERATED && dead * 3 > state.table.count;
}

/** Sweeps out what removed documents left behind, and numbers the rest anew. */
export function compact(state: State): void {
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
      if (slot >= 0) state.vectors!.chunkOf[slot] = number;
    }
    const text = state.texts.held.get(document);
    if (text !== undefined) texts.set(fresh, text);
  }
  const maps = state.textFields.map((_, field) => (field === 0 ? chunkMap : documentMap));
  const used = state.index.usedWords(state.lexicon.words.count, (field, unit) => maps[field]![unit]! >= 0);
  const { lexicon, map } = state.lexicon.compacted(used);
  state.index = state.index.renumbered(maps, map);
  state.lexicon = lexicon;
  for (const [name, column] of state.columns) state.columns.set(name, column.renumbered(documentMap));
  state.texts.held = texts;
  state.table = table;
}
