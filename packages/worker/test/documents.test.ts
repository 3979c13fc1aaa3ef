import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortOut } from '../src/engine/documents.ts';

const LIMIT = 1000;

describe('sortOut', () => {
  it('accepts documents with id and text, and keeps their other fields', () => {
    const documents = [
      { id: 'a', text: 'one', title: 'One', year: 2020 },
      { id: 'b', text: '\ud800 a lone surrogate', format: 'markdown' },
    ];
    expect(sortOut(documents, LIMIT)).toEqual({ accepted: documents, failures: [] });
  });

  it.each([
    ['not an object', 'a text', 'invalid-document'],
    ['a list', [], 'invalid-document'],
    ['null', null, 'invalid-document'],
    ['no id', { text: 'x' }, 'invalid-document'],
    ['a number as id', { id: 7, text: 'x' }, 'invalid-document'],
    ['an empty id', { id: '', text: 'x' }, 'invalid-document'],
    ['an endless id', { id: 'x'.repeat(600), text: 'x' }, 'invalid-document'],
    ['no text field', { id: 'a' }, 'invalid-document'],
    ['a text that is an object', { id: 'a', text: {} }, 'invalid-document'],
    ['a title that is a number', { id: 'a', text: 'x', title: 4 }, 'invalid-document'],
    ['an unknown format', { id: 'a', text: 'x', format: 'pdf' }, 'invalid-document'],
    ['an empty text', { id: 'a', text: '' }, 'no-text'],
    ['a text of white space', { id: 'a', text: ' \n\t ' }, 'no-text'],
    ['a text past the limit', { id: 'a', text: 'x'.repeat(LIMIT + 1) }, 'document-too-large'],
  ])('refuses %s and lets the others through', (_, bad, code) => {
    const good = { id: 'good', text: 'fine' };
    const { accepted, failures } = sortOut([bad, good], LIMIT);
    expect(accepted).toEqual([good]);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ code });
  });

  it('takes the first of two documents with one id', () => {
    const { accepted, failures } = sortOut(
      [
        { id: 'a', text: '1' },
        { id: 'a', text: '2' },
      ],
      LIMIT,
    );
    expect(accepted).toEqual([{ id: 'a', text: '1' }]);
    expect(failures).toMatchObject([{ id: 'a', code: 'duplicate-id' }]);
  });

  it('never throws, and accounts for every document once', () => {
    fc.assert(
      fc.property(fc.array(fc.anything({ withNullPrototype: true })), (documents) => {
        const { accepted, failures } = sortOut(documents, LIMIT);
        expect(accepted.length + failures.length).toBe(documents.length);
      }),
    );
  });
});
