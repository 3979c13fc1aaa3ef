import { Tokenizer as FullTokenizer } from '@huggingface/tokenizers';
import { EmbedError } from './errors.ts';
import { splitText } from './split.ts';
import type { ModelCard, Tokenizer } from './types.ts';
import { IdBuffer, WordPieceEncoder } from './wordpiece.ts';

/** The parts of a tokenizer.json that are read here; the rest is the full tokenizer's business. */
interface TokenizerJson {
  normalizer: { type: string; clean_text?: boolean; lowercase?: boolean } | null;
  pre_tokenizer: { type: string } | null;
  added_tokens: { id: number; content: string; normalized?: boolean; special?: boolean }[];
  model: {
    type: string;
    vocab: Record<string, number> | [string, number][];
    unk_token?: string;
    unk_id?: number;
    continuing_subword_prefix?: string;
    max_input_chars_per_word?: number;
  };
}

/** Ids of a text, cut at a limit. */
export interface Sequence {
  ids: Int32Array;
  /** Whether the text had more tokens than fit. */
  truncated: boolean;
}

/** Text to ids, as an engine needs it; the hash model has its own. */
export interface SequenceEncoder {
  sequence(text: string): Sequence;
}

// Texts longer than this many characters for each token that is wanted are first tried by their beginning alone.
const CHARACTERS_PER_TOKEN = 24;
const MARGIN = 64;

/**
 * A model's tokenizer: `@huggingface/tokenizers`, with a fast path for uncased WordPiece. Padding and truncation that a
 * tokenizer.json may carry are left out of account: the card's `maxTokens` decides.
 */
export class ModelTokenizer implements Tokenizer, SequenceEncoder {
  private readonly json: TokenizerJson;
  private readonly config: object;
  private readonly card: ModelCard;
  private readonly fast: WordPieceEncoder | undefined;
  private readonly addedTokens: string[];
  private readonly buffer = new IdBuffer();
  private fullTokenizer: FullTokenizer | undefined;
  private frame: { before: Int32Array; after: Int32Array } | undefined;

  constructor(card: ModelCard, json: string, config = '{}') {
    this.card = card;
    try {
      this.json = JSON.parse(json) as TokenizerJson;
      this.config = JSON.parse(config) as object;
    } catch (cause) {
      throw new EmbedError(
        'invalid-model',
        `${card.files.tokenizer} of ${card.id} is not JSON. Download the model again.`,
        { cause },
      );
    }
    this.addedTokens = (this.json.added_tokens ?? []).map((token) => token.content);
    this.fast = this.fastEncoder();
  }

  get capacity(): number {
    const { before, after } = this.specialTokens();
    const prefix = this.card.prefixes.document;
    return this.card.maxTokens - before.length - after.length - (prefix ? this.countTokens(prefix) : 0);
  }

  /** Id of the unknown token, -1 when the vocabulary has none. */
  get unknown(): number {
    const { vocab, unk_id, unk_token } = this.json.model;
    if (unk_id !== undefined && unk_id !== null) return unk_id;
    return unk_token !== undefined && !Array.isArray(vocab) ? (vocab[unk_token] ?? -1) : -1;
  }

  encode(text: string): Int32Array {
    return this.sequence(text).ids;
  }

  sequence(text: string): Sequence {
    const { before, after } = this.specialTokens();
    const room = this.card.maxTokens - before.length - after.length;
    const content = this.content(text, room);
    const used = Math.min(content.length, room);
    // A transformer cannot run on nothing.
    if (this.card.kind === 'onnx' && before.length + used + after.length === 0) {
      return { ids: Int32Array.of(Math.max(0, this.unknown)), truncated: false };
    }
    const ids = new Int32Array(before.length + used + after.length);
    ids.set(before);
    ids.set(content.subarray(0, used), before.length);
    ids.set(after, before.length + used);
    return { ids, truncated: content.length > room };
  }

  countTokens(text: string): number {
    return this.content(text, Infinity).length;
  }

  split(text: string, maxTokens: number): { start: number; end: number }[] {
    return splitText(text, maxTokens, (part) => this.countTokens(part));
  }

  /** Ids without special tokens: all of them, or more than `limit`. The array is only good until the next call. */
  content(original: string, limit: number): Int32Array {
    const text = this.card.lowercase ? original.toLowerCase() : original;
    if (this.fast && !this.addedTokens.some((token) => text.includes(token))) {
      this.buffer.length = 0;
      this.fast.encode(text, this.buffer, limit);
      return this.buffer.ids.subarray(0, this.buffer.length);
    }
    const start = limit * CHARACTERS_PER_TOKEN;
    if (text.length > start + MARGIN) {
      const ids = this.full(text.slice(0, start));
      if (ids.length > limit + MARGIN) return ids;
    }
    return this.full(text);
  }

  private full(text: string): Int32Array {
    return Int32Array.from(this.tokenizer().encode(text, { add_special_tokens: false }).ids);
  }

  private tokenizer(): FullTokenizer {
    try {
      return (this.fullTokenizer ??= new FullTokenizer(
        { decoder: null, post_processor: null, ...this.json },
        this.config,
      ));
    } catch (cause) {
      throw new EmbedError(
        'invalid-model',
        `The tokenizer of ${this.card.id} cannot be loaded: ${String(cause)}`,
        { cause },
      );
    }
  }

  /** What stands before and after the text's own tokens. Static models take none. */
  private specialTokens(): { before: Int32Array; after: Int32Array } {
    if (this.frame) return this.frame;
    let before: number[] = [];
    let after: number[] = [];
    if (this.card.kind === 'onnx') {
      const own = this.tokenizer().encode('a', { add_special_tokens: false }).ids;
      const all = this.tokenizer().encode('a', { add_special_tokens: true }).ids;
      const at = all.findIndex((_, i) => own.every((id, j) => all[i + j] === id));
      before = all.slice(0, at);
      after = all.slice(at + own.length);
    }
    return (this.frame = { before: Int32Array.from(before), after: Int32Array.from(after) });
  }

  private fastEncoder(): WordPieceEncoder | undefined {
    const { normalizer, pre_tokenizer, model, added_tokens } = this.json;
    const uncasedBert =
      model.type === 'WordPiece' &&
      !Array.isArray(model.vocab) &&
      normalizer?.type === 'BertNormalizer' &&
      normalizer.clean_text === true &&
      normalizer.lowercase === true &&
      pre_tokenizer?.type === 'BertPreTokenizer' &&
      // A token that normalising could bring about would have to be looked for afterwards.
      (added_tokens ?? []).every(
        ({ normalized, special, content }) => !(normalized ?? !special) && /[A-Z]/.test(content),
      );
    if (!uncasedBert) return undefined;
    const pieces = new Map(Object.entries(model.vocab as Record<string, number>));
    return new WordPieceEncoder(
      {
        pieces,
        unknown: this.unknown,
        continuingPrefix: model.continuing_subword_prefix ?? '##',
        maxWordLength: model.max_input_chars_per_word ?? 100,
      },
      (unit) => this.tokenizer().encode(unit, { add_special_tokens: false }).ids,
    );
  }
}
