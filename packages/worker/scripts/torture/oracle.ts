/** What is known of one document: a digest of its content, or undefined where there must be none. */
type Content = string | undefined;

interface Known {
  content: Content;
  /** What an operation under way, or one that nobody knows the end of, would make of it. */
  maybe?: { content: Content };
}

/** What a browser reports of one document. */
export interface Observed {
  id: string;
  digest?: string;
  /** Why it could not be read. */
  error?: string;
  /** Ids found by the word that only this document has. */
  found?: string[];
}

export interface Verdict {
  lost: string[];
  unreadable: string[];
  duplicated: string[];
}

/** What must be there, by what was acknowledged outside the browser; and whether it is. */
export class Oracle {
  readonly #documents = new Map<string, Known>();
  /** Writes of single documents that were acknowledged. */
  acknowledged = 0;

  /** Ids that are there for certain, and not being changed. */
  get settled(): string[] {
    return [...this.#documents].flatMap(([id, { content, maybe }]) => (content && !maybe ? [id] : []));
  }

  /** An operation begins that would leave these contents. */
  begin(contents: ReadonlyMap<string, Content>): void {
    for (const [id, content] of contents) {
      const known = this.#documents.get(id) ?? { content: undefined };
      this.#documents.set(id, { ...known, maybe: { content } });
    }
  }

  /** The operation was acknowledged: from now on it must not be lost. */
  acknowledge(contents: ReadonlyMap<string, Content>): void {
    for (const [id, content] of contents) this.#documents.set(id, { content });
    this.acknowledged += contents.size;
  }

  /** Compares what is there with what must be, and takes it as known from then on. */
  verify(observed: readonly Observed[]): Verdict {
    const verdict: Verdict = { lost: [], unreadable: [], duplicated: [] };
    const seen = new Map<string, Observed>();
    for (const document of observed) {
      if (seen.has(document.id)) verdict.duplicated.push(`${document.id} is listed twice`);
      seen.set(document.id, document);
      if (!this.#documents.has(document.id)) verdict.duplicated.push(`${document.id} was never added`);
    }
    for (const [id, { content, maybe }] of this.#documents) {
      const document = seen.get(id);
      const allowed = maybe ? [content, maybe.content] : [content];
      if (document?.error !== undefined) verdict.unreadable.push(`${id}: ${document.error}`);
      else if (!allowed.includes(document?.digest)) {
        verdict.lost.push(`${id}: ${describe(document)}, must be ${allowed.map(short).join(' or ')}`);
      } else if (document) {
        const others = document.found?.filter((other) => other !== id) ?? [];
        if (!document.found?.includes(id)) verdict.unreadable.push(`${id} is not found by its word`);
        if (others.length > 0) verdict.duplicated.push(`the word of ${id} is found in ${others.join(', ')}`);
      }
      if (document?.digest === undefined) this.#documents.delete(id);
      else this.#documents.set(id, { content: document.digest });
    }
    return verdict;
  }
}

function describe(document: Observed | undefined): string {
  return document ? `is ${short(document.digest)}` : 'is not there';
}

function short(content: Content): string {
  return content?.slice(0, 8) ?? 'gone';
}
