import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet-writer';
import type { ChunkRow, RowOptions } from './rows.ts';

/** Writes passages as a Parquet file, one row group at a time. */
export class ParquetRows {
  readonly #sink = new ByteWriter();
  readonly #writer: ParquetWriter;
  readonly #columns: { name: keyof ChunkRow; value(row: ChunkRow): unknown }[];

  /** @param about what the file tells of itself: the model and space of its vectors, for one */
  constructor({ texts, vectors }: RowOptions, about: Record<string, string>) {
    const columns: { name: keyof ChunkRow; schema: SchemaElement[] }[] = [
      { name: 'id', schema: [string('id', 'REQUIRED')] },
      { name: 'chunk', schema: [number('chunk')] },
      { name: 'start', schema: [number('start')] },
      { name: 'end', schema: [number('end')] },
      ...(texts
        ? [
            { name: 'title' as const, schema: [string('title', 'OPTIONAL')] },
            { name: 'headings' as const, schema: list('headings', string('element', 'REQUIRED')) },
            { name: 'text' as const, schema: [string('text', 'REQUIRED')] },
          ]
        : []),
      ...(vectors
        ? [
            {
              name: 'vector' as const,
              schema: list('vector', { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' }),
            },
          ]
        : []),
    ];
    this.#columns = columns.map(({ name }) => ({
      name,
      // Strings in Parquet are UTF-8, which has no lone surrogates.
      value: (row) => wellFormed(row[name]),
    }));
    this.#writer = new ParquetWriter({
      writer: this.#sink,
      schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(({ schema }) => schema)],
      kvMetadata: Object.entries(about).map(([key, value]) => ({ key, value })),
      createdBy: '@burrow/worker',
    });
  }

  /** Adds a row group and gives what is to be written by now. */
  async add(rows: readonly ChunkRow[]): Promise<Uint8Array> {
    await this.#writer.write({
      columnData: this.#columns.map(({ name, value }) => ({ name, data: rows.map(value) })),
      rowGroupSize: Math.max(rows.length, 1),
    });
    return this.#taken();
  }

  /** The end of the file. */
  async finish(): Promise<Uint8Array> {
    await this.#writer.finish();
    return this.#taken();
  }

  /** What has come together; offsets within the file go on. */
  #taken(): Uint8Array {
    const bytes = this.#sink.getBytes().slice();
    this.#sink.index = 0;
    return bytes;
  }
}

function string(name: string, repetition: 'REQUIRED' | 'OPTIONAL'): SchemaElement {
  return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: repetition };
}

function number(name: string): SchemaElement {
  return { name, type: 'INT32', repetition_type: 'REQUIRED' };
}

function list(name: string, element: SchemaElement): SchemaElement[] {
  return [
    { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    element,
  ];
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  return value;
}
