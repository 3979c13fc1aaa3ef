import type { IndexOptions, Locator } from '../types.ts';
import type { DocumentTable } from './document-table.ts';

/** Texts that the index itself holds, and the way to those that the host holds. */
export class Texts {
  /** Document number → text, for documents without a locator. */
  held: Map<number, string> = new Map();
  readonly #read: NonNullable<IndexOptions['texts']>['read'] | undefined;

  constructor(options: IndexOptions['texts']) {
    this.#read = options?.read.bind(options);
  }

  /** The text of a document, or undefined where nobody has it. May be a promise where the host keeps it. */
  read(table: DocumentTable, document: number): string | undefined | Promise<string> {
    const held = this.held.get(document);
    if (held !== undefined) return held;
    const locator = table.locator(document);
    return locator === undefined || this.#read === undefined
      ? undefined
      : this.#read(locator, table.id(document));
  }

  /** The text at a locator, where the host can be asked. */
  readAt(locator: Locator, id: string): string | undefined | Promise<string> {
    return this.#read?.(locator, id);
  }

  get bytes(): number {
    let sum = 0;
    for (const text of this.held.values()) sum += text.length;
    return sum;
  }
}
