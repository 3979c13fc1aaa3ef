import { SearchError, show } from './errors.ts';

export type ScalarType = 'string' | 'number' | 'boolean' | 'enum' | 'geopoint';
export type FieldType = ScalarType | 'string[]' | 'number[]' | 'boolean[]' | 'enum[]';

/** Field names and types, as in Orama; nested objects and dotted names mean the same. */
export interface Schema {
  [field: string]: FieldType | Schema;
}

export interface Field {
  /** Dotted path. */
  name: string;
  path: string[];
  type: FieldType;
  kind: ScalarType;
  array: boolean;
}

const TYPES = new Set<string>(['string', 'number', 'boolean', 'enum', 'geopoint', 'string[]', 'number[]', 'boolean[]', 'enum[]']); // prettier-ignore

/** Names that would reach into an object's prototype instead of a field of it. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** The fields of a schema in the order of its keys, checked. */
export function parseSchema(schema: Schema, prefix: string[] = [], seen: Set<unknown> = new Set()): Field[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw new SearchError(
      'invalid-schema',
      `A schema is an object of field names and types, not ${show(schema)}.`,
      { value: schema },
    );
  }
  if (seen.has(schema)) throw new SearchError('invalid-schema', 'The schema contains itself.');
  seen.add(schema);
  const fields: Field[] = [];
  for (const key of Object.keys(schema)) {
    const type = schema[key]!;
    const path = [...prefix, ...key.split('.')];
    const name = path.join('.');
    if (path.some((part) => part === '' || FORBIDDEN.has(part))) {
      throw new SearchError('invalid-schema', `"${name}" cannot be the name of a field.`, {
        field: name,
        value: key,
      });
    }
    if (typeof type === 'object' && type !== null) {
      fields.push(...parseSchema(type, path, seen));
      continue;
    }
    if (!TYPES.has(type)) {
      const known = [...TYPES].join(', ');
      throw new SearchError(
        'invalid-schema',
        `Field "${name}" has the type ${show(type)}; known types are ${known}.`,
        { field: name, value: type },
      );
    }
    if (name === 'id' && type !== 'string') {
      throw new SearchError('invalid-schema', 'The id of a document is always a string.', {
        field: name,
        value: type,
      });
    }
    const array = type.endsWith('[]');
    fields.push({ name, path, type, kind: (array ? type.slice(0, -2) : type) as ScalarType, array });
  }
  const names = new Set(fields.map((field) => field.name));
  if (prefix.length === 0 && names.size < fields.length) {
    throw new SearchError('invalid-schema', 'The schema names a field twice, once dotted and once nested.');
  }
  return fields;
}

/** The value at a field's path; dotted keys are looked up as they are, too. Own properties only. */
export function valueAt(document: object, field: Field): unknown {
  if (field.path.length === 1) return own(document, field.name);
  const flat = own(document, field.name);
  if (flat !== undefined) return flat;
  let value: unknown = document;
  for (const key of field.path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = own(value, key);
  }
  return value;
}

/** Throws when a document's value does not fit its field. `undefined` and `null` mean "no value". */
export function checkValue(field: Field, value: unknown, id: string): void {
  if (value === undefined || value === null) return;
  if (field.array) {
    if (!Array.isArray(value)) fail(field, value, id);
    for (const element of value) if (!isScalar(field.kind, element)) fail(field, element, id);
    return;
  }
  if (!isScalar(field.kind, value)) fail(field, value, id);
}

function isScalar(kind: ScalarType, value: unknown): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'enum':
      return (
        typeof value === 'string' ||
        typeof value === 'boolean' ||
        (typeof value === 'number' && Number.isFinite(value))
      );
    case 'geopoint':
      return isPoint(value);
  }
}

/** A point on earth in degrees. */
export interface Point {
  lat: number;
  lon: number;
}

export function isPoint(value: unknown): value is Point {
  if (typeof value !== 'object' || value === null) return false;
  const { lat, lon } = value as Partial<Point>;
  return typeof lat === 'number' && typeof lon === 'number' && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
}

function own(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined;
}

function fail(field: Field, value: unknown, id: string): never {
  throw new SearchError(
    'wrong-type',
    `Document ${show(id)}: field "${field.name}" is ${show(value)}, but the schema says ${field.type}.`,
    { id, field: field.name, value },
  );
}
