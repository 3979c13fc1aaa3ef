import type { QueryRequest } from '../protocol.ts';
import type { QueryNotice, QueryResult } from '../types.ts';
import type { Side } from './index-book.ts';
import type { ModelHost } from './model-host.ts';

export interface QueryContext {
  signal: AbortSignal;
  onPartial: (result: QueryResult) => void;
}

/** Answers a query: by keyword at once where asked for, then with the query's vector when its model is there. */
export async function answer(
  side: Side | undefined,
  models: ModelHost,
  text: string,
  { partial, ...request }: QueryRequest,
  { signal, onPartial }: QueryContext,
): Promise<QueryResult> {
  const started = performance.now();
  const timings = { keyword: 0, embedding: 0, total: 0 };
  const finish = (result: Omit<QueryResult, 'timings'>, notices: QueryNotice[]): QueryResult => {
    timings.total = performance.now() - started;
    return { ...result, notices: [...result.notices, ...notices], timings: { ...timings } };
  };
  if (!side) return finish({ count: 0, hits: [], mode: 'keyword', notices: [] }, []);

  const { index, settings } = side;
  const wantsVector = request.mode !== 'keyword' && text.trim() !== '';
  if (partial && wantsVector && request.mode !== 'vector') {
    const result = await index.search({ ...request, term: text, mode: 'keyword' });
    timings.keyword = performance.now() - started;
    signal.throwIfAborted();
    onPartial(finish(result, []));
  }
  if (!wantsVector) return finish(await index.search({ ...request, term: text, mode: 'keyword' }), []);

  const model = await models.forSpace(settings.space, signal);
  if (!model) {
    return finish(await index.search({ ...request, term: text, mode: 'keyword' }), [
      whyNoVector(models, settings.modelId),
    ]);
  }
  const embeddingStarted = performance.now();
  const batch = await model.embedQuery(text, signal);
  timings.embedding = performance.now() - embeddingStarted;
  const notices: QueryNotice[] = [];
  if (batch.truncated.length > 0) {
    const message = `The query is longer than the ${model.embedder.model.maxTokens} tokens that the model reads: by meaning, only its beginning was searched for.`;
    notices.push({ code: 'query-truncated', message });
  }
  signal.throwIfAborted();
  return finish(
    await index.search({ ...request, term: text, vector: batch.data, space: model.embedder.space }),
    notices,
  );
}

function whyNoVector(models: ModelHost, modelId: string): QueryNotice {
  const { status } = models;
  if (status.state === 'failed') {
    return {
      code: 'model-failed',
      message: `Searched by words only: the model ${status.id} could not be loaded. ${status.error?.message ?? ''}`,
    };
  }
  if (status.id === modelId && status.state === 'loading') {
    return { code: 'model-loading', message: 'Searched by words only: the model is still being loaded.' };
  }
  return {
    code: 'space-mismatch',
    message: `Searched by words only: the index was made with ${modelId}, and the vectors of ${status.id} cannot be compared with it. The index is being moved.`,
  };
}
