import { SCHEMA_VERSION, type BenchRecord } from './schema.ts';
import { validateRecord } from './validate.ts';

type Json = Record<string, unknown>;
/** From a version to the step that makes the next one of it. */
export type Migrations = Record<number, (old: Json) => Json>;

/** Steps from each older version to the next. */
const MIGRATIONS: Migrations = {
  // A run of version 1 measured the commit that its own code was of, and did not ask what the CPU can do.
  1: (old) => {
    const { hash, dirty } = old['commit'] as Json;
    return {
      ...old,
      runner: { hash, dirty },
      environment: { ...(old['environment'] as Json), cpuFeatures: null },
    };
  },
};

/** Why a record cannot be read. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/**
 * A record of any version so far as one of today's.
 * @throws RecordError for a newer version, and for what is no record, naming each fault
 */
export function readRecord(value: unknown): BenchRecord {
  const record = migrate(value, MIGRATIONS, SCHEMA_VERSION);
  const faults = validateRecord(record);
  if (faults.length > 0) throw new RecordError(`The record is not valid: ${faults.slice(0, 5).join('; ')}.`);
  return record as unknown as BenchRecord;
}

/**
 * Takes a value step by step to a version.
 * @throws RecordError where it names no version, a newer one, or one that no step leads on from
 */
export function migrate(value: unknown, migrations: Migrations, to: number): Json {
  let record = value as Json;
  const version = (value as Json | null | undefined)?.['schema'];
  if (typeof version !== 'number')
    throw new RecordError('This is no record of the bench: it names no schema.');
  if (version > to)
    throw new RecordError(
      `The record has schema ${version}; this bench knows schemas up to ${to}. Update it.`,
    );
  for (let at = version; at < to; at++) {
    const step = migrations[at];
    if (!step) throw new RecordError(`There is no way from schema ${at} to schema ${at + 1}.`);
    try {
      record = { ...step(record), schema: at + 1 };
    } catch (error) {
      throw new RecordError(`The record of schema ${at} is not valid.`, { cause: error });
    }
  }
  return record;
}
