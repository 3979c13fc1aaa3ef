import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatChange, formatValue } from '../../src/page/format.ts';
import { formatRoute, parseRoute, VIEWS } from '../../src/page/route.ts';

describe('deep links', () => {
  it('come back as they went', () => {
    const route = fc.record({
      view: fc.constantFrom(...VIEWS),
      machine: fc.string(),
      suite: fc.string(),
      model: fc.string(),
      quick: fc.boolean(),
    });
    fc.assert(
      fc.property(route, (one) => {
        expect(parseRoute(formatRoute(one))).toEqual(one);
      }),
    );
  });

  it('fall back where they say nothing known', () => {
    expect(parseRoute('')).toEqual({ view: 'summary', machine: '', suite: '', model: '', quick: false });
    expect(parseRoute('#/nowhere?quick=2').view).toBe('summary');
  });
});

describe('figures', () => {
  it('have three digits and their unit', () => {
    expect(formatValue(1234.5, 'texts/s')).toBe('1,235 texts/s');
    expect(formatValue(1.2345, '×')).toBe('1.23×');
    expect(formatBytes(8_402_000)).toBe('8.4 MB');
    expect(formatBytes(12)).toBe('12 bytes');
    expect(formatChange(-0.196)).toBe('−20 %');
  });
});
