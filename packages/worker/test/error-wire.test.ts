import { EmbedError } from '@burrow/embed';
import { describe, expect, it } from 'vitest';
import { fromWire, toWire } from '../src/error-wire.ts';
import { DocumentsFailedError, WorkerError } from '../src/errors.ts';

const acrossWorkers = (error: unknown): Error => fromWire(structuredClone(toWire(error)));

describe('errors across a worker boundary', () => {
  it('keep class, code, message and details', () => {
    const failed = acrossWorkers(
      new DocumentsFailedError([{ id: 'a', code: 'duplicate-id', message: 'There is one.' }], ['b']),
    );
    expect(failed).toBeInstanceOf(DocumentsFailedError);
    expect(failed).toMatchObject({ name: 'DocumentsFailedError', code: 'duplicate-id', written: ['b'] });

    const embed = acrossWorkers(new EmbedError('invalid-argument', 'Not so.'));
    expect(embed).toBeInstanceOf(EmbedError);
    expect(embed).toMatchObject({ code: 'invalid-argument', message: 'Not so.' });
  });

  it('keep the chain of causes', () => {
    const error = acrossWorkers(
      new WorkerError('model-failed', 'No model.', { cause: new TypeError('fetch failed') }),
    );
    expect(error).toBeInstanceOf(WorkerError);
    expect(error.cause).toBeInstanceOf(TypeError);
    expect((error.cause as Error).message).toBe('fetch failed');
  });

  it('turn an abort into an AbortError again', () => {
    const error = acrossWorkers(new DOMException('Stopped.', 'AbortError'));
    expect(error).toBeInstanceOf(DOMException);
    expect(error.name).toBe('AbortError');
  });

  it('survive what is no error, and details that cannot be cloned', () => {
    expect(acrossWorkers('just a string').message).toBe('just a string');
    const error = Object.assign(new Error('odd'), { handler: () => {}, size: 3 });
    expect(acrossWorkers(error)).toMatchObject({ message: 'odd', size: 3 });
  });
});

describe('DocumentsFailedError', () => {
  const failure = (id: string, code: string) => ({ id, code, message: `${id}: ${code}.` });

  it('has the code that all failures share, else documents-failed', () => {
    expect(new DocumentsFailedError([failure('a', 'no-text'), failure('b', 'no-text')], []).code).toBe(
      'no-text',
    );
    expect(new DocumentsFailedError([failure('a', 'no-text'), failure('b', 'duplicate-id')], []).code).toBe(
      'documents-failed',
    );
  });
});
