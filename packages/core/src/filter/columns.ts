import { grown } from '../bytes/grow.ts';
import type { Steps } from '../bytes/steps.ts';
import { Dictionary } from '../postings/dictionary.ts';
import type { Field, Point } from '../schema.ts';

/**
 * The values of one field for all documents, document after document: `starts[d]` to `starts[d + 1]`
 * in `values`. Strings, enums and booleans are numbers in a dictionary of `labels`; points are pairs.
 */
export class Column {
  readonly field: Field;
  starts: Uint32Array = new Uint32Array(64);
  values: Float64Array = new Float64Array(64);
  labels: Dictionary = new Dictionary();
  documents = 0;

  constructor(field: Field) {
    this.field = field;
  }

  /** Values are kept as numbers in `labels` unless they are numbers or points themselves. */
  get labelled(): boolean {
    return this.field.kind !== 'number' && this.field.kind !== 'geopoint';
  }

  push(value: unknown): void {
    const values =
      value === undefined || value === null ? [] : this.field.array ? (value as unknown[]) : [value];
    const from = this.starts[this.documents]!;
    const width = this.field.kind === 'geopoint' ? 2 : 1;
    this.values = grown(this.values, from + values.length * width);
    this.starts = grown(this.starts, this.documents + 2);
    let at = from;
    for (const one of values) {
      if (this.field.kind === 'geopoint') {
        this.values[at++] = (one as Point).lat;
        this.values[at++] = (one as Point).lon;
      } else
        this.values[at++] = this.labelled ? this.labels.internString(label(one as Scalar)) : (one as number);
    }
    this.starts[++this.documents] = at;
  }

  /** The first value of a document: a number (or label number), NaN where there is none. */
  first(document: number): number {
    const from = this.starts[document]!;
    return from === this.starts[document + 1]! ? Number.NaN : this.values[from]!;
  }

  has(document: number): boolean {
    return this.starts[document]! < this.starts[document + 1]!;
  }

  /** The label number of a value that may not occur: -1 then. */
  labelOf(value: Scalar): number {
    return this.labels.findString(label(value));
  }

  /** The value that a label number stands for. */
  value(number: number): Scalar {
    return this.labelled ? unlabel(this.labels.text(number)) : number;
  }

  /** A copy with only the documents that `keep` maps to a new number ≥ 0, in their new order. */
  *renumbered(keep: Int32Array): Steps<Column> {
    const fresh = new Column(this.field);
    for (let document = 0; document < this.documents; document++) {
      if (document % 2048 === 2047) yield;
      if (keep[document]! < 0) continue;
      const from = fresh.starts[fresh.documents]!;
      const values = this.values.subarray(this.starts[document]!, this.starts[document + 1]!);
      fresh.values = grown(fresh.values, from + values.length);
      fresh.starts = grown(fresh.starts, fresh.documents + 2);
      for (let i = 0; i < values.length; i++) {
        fresh.values[from + i] = this.labelled
          ? fresh.labels.internString(this.labels.text(values[i]!))
          : values[i]!;
      }
      fresh.starts[++fresh.documents] = from + values.length;
    }
    return fresh;
  }

  get bytes(): number {
    return this.starts.byteLength + this.values.byteLength + this.labels.bytes;
  }
}

export type Scalar = string | number | boolean;

/** 1 and '1' and true are different values: the first character says which kind. */
function label(value: Scalar): string {
  return typeof value === 'string' ? `s${value}` : typeof value === 'number' ? `n${value}` : `b${value}`;
}

function unlabel(text: string): Scalar {
  const rest = text.slice(1);
  return text[0] === 's' ? rest : text[0] === 'n' ? Number(rest) : rest === 'true';
}
