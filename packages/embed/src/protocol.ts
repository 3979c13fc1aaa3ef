import type { BackendRequest } from './backends/backend.ts';
import type { EngineReport, Part, PartResult } from './engine.ts';
import { EmbedError, type EmbedErrorCode, messageOf } from './errors.ts';

/** What a worker can be asked. */
export type WorkerCall =
  | { type: 'start'; request: BackendRequest; lock: string }
  | { type: 'embed'; part: Part };

/** Page to worker. */
export type WorkerRequest = WorkerCall & { id: number };

/** Worker to page: one answer for each request; before the first, word that the worker holds its lock. */
export type WorkerMessage = { type: 'alive' } | WorkerResponse;

export type WorkerResponse =
  | { id: number; type: 'started'; report: EngineReport }
  | { id: number; type: 'embedded'; result: PartResult }
  | { id: number; type: 'failed'; error: WireError };

/** An error as it crosses the boundary. */
export interface WireError {
  code: EmbedErrorCode;
  message: string;
  stack?: string;
}

export function toWire(error: unknown): WireError {
  return {
    code: error instanceof EmbedError ? error.code : 'backend-failed',
    message: messageOf(error),
    stack: error instanceof Error ? error.stack : undefined,
  };
}

export function fromWire({ code, message, stack }: WireError): EmbedError {
  const error = new EmbedError(code, message);
  if (stack) error.stack = stack;
  return error;
}
