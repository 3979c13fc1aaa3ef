import { expect, it } from 'vitest';
import { bytes, count, duration, plural } from '../src/format.ts';

it('writes numbers for people', () => {
  expect(count(1234567)).toBe('1,234,567');
  expect(plural(1, 'document')).toBe('1 document');
  expect(plural(2000, 'passage')).toBe('2,000 passages');
  expect([0, 999, 4200, 8_000_000, 12_345_678_900].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '4.2 kB',
    '8.0 MB',
    '12 GB',
  ]);
  expect([0, 1.6, 89, 90, 6000, Number.NaN].map(duration)).toEqual([
    'a moment',
    '2 s',
    '89 s',
    '2 min',
    '2 h',
    'a moment',
  ]);
});
