import { cleanTitle } from './naming.ts';

const TITLE_KEYS = ['title', 'name', 'headline', 'subject', 'question', 'label', 'topic', 'summary'];
const TEXT_KEYS = [
  'text',
  'body',
  'content',
  'description',
  'abstract',
  'answer',
  'message',
  'notes',
  'note',
  'comment',
];
const DATE_KEYS = ['date', 'created', 'created_at', 'published', 'updated', 'time', 'timestamp'];
const MAX_DEPTH = 8;

/** What a row or a record becomes. */
export interface RecordText {
  title: string;
  text: string;
  date?: number;
}

/**
 * A row or a record as a document: the long text first, then each other field as a line
 * "field: value", so that its numbers, places and names are found too.
 */
export function recordToText(
  fields: readonly (readonly [string, unknown])[],
  fallbackTitle: string,
): RecordText {
  const scalars = fields.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const find = (keys: readonly string[]) =>
    keys.flatMap((key) =>
      scalars.filter(([name, value]) => name.toLowerCase() === key && typeof value !== 'object'),
    )[0];
  const titled =
    find(TITLE_KEYS) ??
    scalars.find(([, value]) => typeof value === 'string' && /\p{L}{2}/u.test(value) && value.length <= 100);
  const body = find(TEXT_KEYS);
  const dated = find(DATE_KEYS);
  const lines: string[] = [];
  for (const [name, value] of scalars) {
    if (name === body?.[0]) continue;
    lines.push(...flatten(name, value, 0));
  }
  const main = body ? `${String(body[1]).trim()}\n\n` : '';
  const date = dated ? Date.parse(String(dated[1])) : Number.NaN;
  return {
    title: cleanTitle(titled ? String(titled[1]) : '') || fallbackTitle,
    text: `${main}${lines.join('\n')}`.trim(),
    ...(Number.isFinite(date) ? { date } : {}),
  };
}

function flatten(name: string, value: unknown, depth: number): string[] {
  if (value === null || value === undefined || value === '') return [];
  if (typeof value !== 'object') return [name === '' ? String(value) : `${name}: ${String(value)}`];
  if (depth >= MAX_DEPTH) return [`${name}: ${JSON.stringify(value)}`];
  if (Array.isArray(value)) {
    const simple = value.filter((item) => item !== null && typeof item !== 'object');
    const nested = value.filter((item) => item !== null && typeof item === 'object');
    const line = simple.length > 0 ? [`${name}: ${simple.join(', ')}`] : [];
    return [...line, ...nested.flatMap((item) => flatten(name, item, depth + 1))];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    flatten(name === '' ? key : `${name} ${key}`, inner, depth + 1),
  );
}
