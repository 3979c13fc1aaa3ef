import type { Stored } from '../documents/document-table.ts';
import { valueAt } from '../schema.ts';
import { Analyzer } from '../text/analyzer.ts';
import { detectLanguage } from '../text/detect.ts';
import { LANGUAGES } from '../text/stemmers.ts';
import { TokenBuffer } from '../text/token-buffer.ts';
import type { PreparedEntry } from './prepare.ts';
import type { State } from './state.ts';

const analyzer = new Analyzer();
const tokens = new TokenBuffer();
/** Places between the values of a list, so that no phrase reaches from one into the next. */
const GAP = 16;

/** Puts a checked document in. */
export function addEntry(state: State, entry: PreparedEntry): void {
  const { table } = state;
  const stored = JSON.parse(entry.stored) as Stored;
  const language = LANGUAGES.indexOf(
    entry.language ?? state.text.language ?? detectLanguage(entry.text === '' ? entry.stored : entry.text),
  );
  const document = table.add(entry.id, entry.stored, language, entry.locator);
  if (entry.locator === undefined && entry.text !== '') state.texts.held.set(document, entry.text);
  addText(state, document, entry, language);
  for (let field = 1; field < state.textFields.length; field++) {
    const value = valueAt(stored.fields, state.textFields[field]!);
    if (value === undefined || value === null) continue;
    tokens.clear();
    let position = 0;
    for (const text of [value].flat() as string[])
      position = analyzer.analyze(text, state.lexicon.words, true, tokens, position) + GAP;
    state.lexicon.note(tokens, language);
    state.index.add(field, document, tokens, 0, tokens.count);
    table.setLength(document, field, tokens.primary);
  }
  for (const column of state.columns.values()) column.push(valueAt(stored.fields, column.field));
}

/** The text goes in chunk by chunk; a word in an overlap belongs to the first chunk that holds it. */
function addText(state: State, document: number, entry: PreparedEntry, language: number): void {
  const { spans } = entry;
  tokens.clear();
  analyzer.analyze(entry.text, state.lexicon.words, true, tokens);
  state.lexicon.note(tokens, language);
  const chunks = spans.length / 2;
  let from = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    let to = from;
    let words = 0;
    const last = chunk === chunks - 1;
    while (to < tokens.count && (last || tokens.starts[to]! < spans[chunk * 2 + 1]!)) {
      if (tokens.kinds[to] === 0) words++;
      to++;
    }
    const number = state.table.addChunk(spans[chunk * 2]!, spans[chunk * 2 + 1]!, words, -1);
    const vector = entry.vectors[chunk];
    if (vector !== undefined) state.table.chunkSlot[number] = state.vectors!.add(number, vector);
    state.index.add(0, number, tokens, from, to);
    from = to;
  }
  state.table.setLength(document, 0, tokens.primary);
}

/** Takes a living document out. Its postings stay behind, unseen, until the index is compacted. */
export function removeDocument(state: State, document: number): void {
  const { table } = state;
  for (let chunk = table.firstChunk[document]!; chunk < table.firstChunk[document + 1]!; chunk++) {
    const slot = table.chunkSlot[chunk]!;
    if (slot >= 0) state.vectors!.remove(slot);
    table.chunkSlot[chunk] = -1;
  }
  state.texts.held.delete(document);
  table.remove(document);
}
