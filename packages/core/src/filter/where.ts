import { SearchError, show } from '../errors.ts';
import { type Field, isPoint, type Point } from '../schema.ts';
import { Bitmap } from './bitmap.ts';
import type { Column, Scalar } from './columns.ts';
import { type DistanceUnit, distanceMeters, insidePolygon, toMeters } from './geo.ts';

export interface NumberFilter {
  eq?: number;
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
  between?: [number, number];
  in?: number[];
  nin?: number[];
  exists?: boolean;
}

export interface ValueFilter {
  eq?: Scalar;
  in?: Scalar[];
  nin?: Scalar[];
  containsAll?: Scalar[];
  containsAny?: Scalar[];
  size?: number;
  exists?: boolean;
}

export interface GeoFilter {
  radius?: {
    coordinates: Point;
    value: number;
    unit?: DistanceUnit;
    inside?: boolean;
    highPrecision?: boolean;
  };
  polygon?: { coordinates: Point[]; inside?: boolean; highPrecision?: boolean };
  exists?: boolean;
}

/**
 * A condition on documents, as in Orama: field names with operators (all must hold), and `and`, `or`,
 * `not` over conditions. Several operators on one field must all hold.
 */
export interface Where {
  and?: Where[];
  or?: Where[];
  not?: Where;
  [field: string]: unknown;
}

/** What a filter needs to know of the index. */
export interface FilterSource {
  documents: number;
  alive: Bitmap;
  field(name: string): Field | undefined;
  column(field: Field): Column;
  /** Adds the documents whose field holds all words of a text. */
  matchWords(field: Field, text: string, into: Bitmap): void;
  find(id: string): number;
}

/** The living documents that meet a condition. */
export function evaluate(where: Where, source: FilterSource, depth = 0): Bitmap {
  if (typeof where !== 'object' || where === null || Array.isArray(where)) {
    throw invalid(`A condition is an object of fields and operators, not ${show(where)}.`, 'where', where);
  }
  if (depth > 64) throw invalid('The condition is nested more than 64 levels deep.', 'where', where);
  const result = source.alive.copy();
  result.grow(source.documents);
  for (const key of Object.keys(where)) {
    const value = where[key];
    if (value === undefined) continue;
    if (key === 'and' || key === 'or') {
      if (!Array.isArray(value))
        throw invalid(`"${key}" takes an array of conditions, not ${show(value)}.`, key, value);
      if (key === 'and') for (const one of value as Where[]) result.and(evaluate(one, source, depth + 1));
      else {
        const any = new Bitmap(source.documents);
        for (const one of value as Where[]) any.or(evaluate(one, source, depth + 1));
        result.and(any);
      }
    } else if (key === 'not') {
      result.and(evaluate(value as Where, source, depth + 1).not());
    } else result.and(oneField(key, value, source));
  }
  return result;
}

function oneField(name: string, filter: unknown, source: FilterSource): Bitmap {
  if (name === 'id') return byId(filter, source);
  const field = source.field(name);
  if (field === undefined) {
    throw new SearchError(
      'unknown-field',
      `There is no field "${name}" to filter by; the schema does not name it.`,
      { field: name, value: filter },
    );
  }
  if (field.kind === 'string') return byWords(field, filter, source);
  const column = source.column(field);
  if (field.kind === 'boolean' && typeof filter === 'boolean') return byLabels(column, [filter], source);
  if (field.kind === 'geopoint') return byPlace(field, column, filter, source);
  if (field.kind === 'enum' && (typeof filter === 'string' || typeof filter === 'number'))
    return byLabels(column, [filter], source);
  const result = Bitmap.full(source.documents);
  for (const [operator, value] of operators(field, filter)) {
    if (operator === 'exists') result.and(existing(column, value, field, source));
    else if (field.kind === 'number') result.and(byNumber(field, column, operator, value, source));
    else result.and(byValue(field, column, operator, value, source));
  }
  return result;
}

function operators(field: Field, filter: unknown): [string, unknown][] {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    throw invalid(
      `Field "${field.name}" (${field.type}) is filtered by operators, not by ${show(filter)}.`,
      field.name,
      filter,
    );
  }
  const list = Object.entries(filter).filter(([, value]) => value !== undefined);
  if (list.length === 0) throw invalid(`The filter on "${field.name}" has no operator.`, field.name, filter);
  return list;
}

function byNumber(
  field: Field,
  column: Column,
  operator: string,
  value: unknown,
  source: FilterSource,
): Bitmap {
  const number = (): number => {
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw invalid(
        `"${operator}" on "${field.name}" takes a number, not ${show(value)}.`,
        field.name,
        value,
      );
    }
    return value;
  };
  const numbers = (count?: number): number[] => {
    const good = Array.isArray(value) && value.every((one) => typeof one === 'number' && !Number.isNaN(one));
    if (!good || (count !== undefined && value.length !== count)) {
      const what = count === undefined ? 'an array of numbers' : `${count} numbers`;
      throw invalid(`"${operator}" on "${field.name}" takes ${what}, not ${show(value)}.`, field.name, value);
    }
    return value as number[];
  };
  switch (operator) {
    case 'eq': {
      const n = number();
      return scan(column, source, (v) => v === n);
    }
    case 'gt': {
      const n = number();
      return scan(column, source, (v) => v > n);
    }
    case 'gte': {
      const n = number();
      return scan(column, source, (v) => v >= n);
    }
    case 'lt': {
      const n = number();
      return scan(column, source, (v) => v < n);
    }
    case 'lte': {
      const n = number();
      return scan(column, source, (v) => v <= n);
    }
    case 'between': {
      const [low, high] = numbers(2) as [number, number];
      return scan(column, source, (v) => v >= low && v <= high);
    }
    case 'in': {
      const set = new Set(numbers());
      return scan(column, source, (v) => set.has(v));
    }
    case 'nin': {
      const set = new Set(numbers());
      return scan(column, source, (v) => set.has(v)).not();
    }
    default:
      throw unknownOperator(field, operator, value);
  }
}

function byValue(
  field: Field,
  column: Column,
  operator: string,
  value: unknown,
  source: FilterSource,
): Bitmap {
  const list = (): Scalar[] => {
    if (!Array.isArray(value))
      throw invalid(
        `"${operator}" on "${field.name}" takes an array, not ${show(value)}.`,
        field.name,
        value,
      );
    return value.map((one) => scalar(field, operator, one));
  };
  switch (operator) {
    case 'eq':
      return byLabels(column, [scalar(field, operator, value)], source);
    case 'in':
    case 'containsAny':
      return byLabels(column, list(), source);
    case 'nin':
      return byLabels(column, list(), source).not();
    case 'containsAll': {
      const result = Bitmap.full(source.documents);
      for (const one of list()) result.and(byLabels(column, [one], source));
      return result;
    }
    case 'size': {
      if (typeof value !== 'number' || value < 0)
        throw invalid(
          `"size" on "${field.name}" takes a number from 0 up, not ${show(value)}.`,
          field.name,
          value,
        );
      const result = new Bitmap(source.documents);
      for (let d = 0; d < source.documents; d++)
        if (column.starts[d + 1]! - column.starts[d]! === value) result.set(d);
      return result;
    }
    default:
      throw unknownOperator(field, operator, value);
  }
}

function scalar(field: Field, operator: string, value: unknown): Scalar {
  if (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && !Number.isNaN(value))
  )
    return value;
  throw invalid(
    `"${operator}" on "${field.name}" takes strings, numbers or booleans, not ${show(value)}.`,
    field.name,
    value,
  );
}

function byLabels(column: Column, values: Scalar[], source: FilterSource): Bitmap {
  const wanted = new Uint8Array(column.labels.count);
  for (const value of values) {
    const at = column.labelOf(value);
    if (at >= 0) wanted[at] = 1;
  }
  return scan(column, source, (v) => wanted[v] === 1);
}

function scan(column: Column, source: FilterSource, test: (value: number) => boolean): Bitmap {
  const result = new Bitmap(source.documents);
  const { starts, values } = column;
  for (let d = 0; d < source.documents; d++) {
    for (let i = starts[d]!; i < starts[d + 1]!; i++) {
      if (test(values[i]!)) {
        result.set(d);
        break;
      }
    }
  }
  return result;
}

function existing(column: Column, value: unknown, field: Field, source: FilterSource): Bitmap {
  if (typeof value !== 'boolean')
    throw invalid(`"exists" on "${field.name}" takes true or false, not ${show(value)}.`, field.name, value);
  const result = new Bitmap(source.documents);
  for (let d = 0; d < source.documents; d++) if (column.has(d) === value) result.set(d);
  return result;
}

function byWords(field: Field, filter: unknown, source: FilterSource): Bitmap {
  const result = new Bitmap(source.documents);
  if (typeof filter === 'object' && filter !== null && !Array.isArray(filter)) {
    // Strings have no order here, but equality and lists read naturally.
    const all = Bitmap.full(source.documents);
    for (const [operator, value] of operators(field, filter)) {
      if (operator === 'exists') all.and(existing(source.column(field), value, field, source));
      else all.and(byValue(field, source.column(field), operator, value, source));
    }
    return all;
  }
  const texts = Array.isArray(filter) ? filter : [filter];
  for (const text of texts) {
    if (typeof text !== 'string')
      throw invalid(`Field "${field.name}" is filtered by words, not by ${show(text)}.`, field.name, text);
    source.matchWords(field, text, result);
  }
  return result;
}

function byPlace(field: Field, column: Column, filter: unknown, source: FilterSource): Bitmap {
  const result = Bitmap.full(source.documents);
  for (const [operator, value] of operators(field, filter)) {
    if (operator === 'exists') {
      result.and(existing(column, value, field, source));
      continue;
    }
    if (operator !== 'radius' && operator !== 'polygon') throw unknownOperator(field, operator, value);
    const test = operator === 'radius' ? radiusTest(field, value) : polygonTest(field, value);
    const found = new Bitmap(source.documents);
    for (let d = 0; d < source.documents; d++) {
      for (let i = column.starts[d]!; i < column.starts[d + 1]!; i += 2) {
        if (test({ lat: column.values[i]!, lon: column.values[i + 1]! })) {
          found.set(d);
          break;
        }
      }
    }
    result.and(found);
  }
  return result;
}

function radiusTest(field: Field, value: unknown): (point: Point) => boolean {
  const {
    coordinates,
    value: distance,
    unit = 'm',
    inside = true,
  } = (value ?? {}) as NonNullable<GeoFilter['radius']>;
  const meters = typeof distance === 'number' && distance >= 0 ? toMeters(distance, unit) : undefined;
  if (!isPoint(coordinates) || meters === undefined) {
    throw invalid(
      `"radius" on "${field.name}" takes coordinates { lat, lon }, a value from 0 up and a unit.`,
      field.name,
      value,
    );
  }
  return (point) => distanceMeters(coordinates, point) <= meters === inside;
}

function polygonTest(field: Field, value: unknown): (point: Point) => boolean {
  const { coordinates, inside = true } = (value ?? {}) as NonNullable<GeoFilter['polygon']>;
  if (!Array.isArray(coordinates) || coordinates.length < 3 || !coordinates.every(isPoint)) {
    throw invalid(
      `"polygon" on "${field.name}" takes at least 3 coordinates { lat, lon }.`,
      field.name,
      value,
    );
  }
  return (point) => insidePolygon(coordinates, point) === inside;
}

function byId(filter: unknown, source: FilterSource): Bitmap {
  const result = new Bitmap(source.documents);
  const add = (ids: unknown): Bitmap => {
    const found = new Bitmap(source.documents);
    for (const id of Array.isArray(ids) ? ids : [ids]) {
      if (typeof id !== 'string') throw invalid(`Ids are strings, not ${show(id)}.`, 'id', id);
      const document = source.find(id);
      if (document >= 0) found.set(document);
    }
    return found;
  };
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) return add(filter);
  result.not();
  for (const [operator, value] of Object.entries(filter)) {
    if (operator === 'eq' || operator === 'in') result.and(add(value));
    else if (operator === 'nin') result.and(add(value).not());
    else throw invalid(`Ids are filtered by eq, in and nin, not by "${operator}".`, 'id', value);
  }
  return result;
}

function unknownOperator(field: Field, operator: string, value: unknown): SearchError {
  return invalid(`Field "${field.name}" (${field.type}) has no operator "${operator}".`, field.name, value);
}

function invalid(message: string, field: string, value: unknown): SearchError {
  return new SearchError('invalid-filter', message, { field, value });
}
