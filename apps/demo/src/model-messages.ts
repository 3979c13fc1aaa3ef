/** What the frame that fetches models tells the page. */
export type ModelMessage =
  | { type: 'started' }
  | { type: 'progress'; loaded: number; total: number | undefined }
  | { type: 'done' }
  | { type: 'failed'; message: string };
