import { SearchError } from '@burrow/core';
import { EmbedError } from '@burrow/embed';
import { StoreError } from '@burrow/store-opfs';
import { DocumentsFailedError, WorkerError } from './errors.ts';

/** An error as plain data: class name, code and details survive a worker boundary. */
export interface WireError {
  name: string;
  message: string;
  stack?: string;
  details: Record<string, unknown>;
  cause?: WireError;
}

const CLASSES: Record<string, { prototype: object }> = {
  EmbedError,
  SearchError,
  StoreError,
  WorkerError,
  DocumentsFailedError,
  TypeError,
  RangeError,
  Error,
};

/** Turns anything thrown into plain data. */
export function toWire(error: unknown): WireError {
  if (!(error instanceof Error) && !(error instanceof DOMException)) {
    return { name: 'Error', message: String(error), details: {} };
  }
  const details: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error)) {
    if (key !== 'name' && key !== 'cause' && isCloneable(value)) details[key] = value;
  }
  return {
    name: error.name,
    message: error.message,
    ...(error.stack ? { stack: error.stack } : {}),
    details,
    ...(error.cause ? { cause: toWire(error.cause) } : {}),
  };
}

/** Rebuilds the error with its class, code and details. */
export function fromWire(wire: WireError): Error {
  if (wire.name === 'AbortError') return new DOMException(wire.message, 'AbortError');
  const error = new Error(wire.message, wire.cause ? { cause: fromWire(wire.cause) } : undefined);
  const known = Object.hasOwn(CLASSES, wire.name) ? CLASSES[wire.name] : undefined;
  if (known) Object.setPrototypeOf(error, known.prototype);
  Object.defineProperty(error, 'name', { value: wire.name, enumerable: false, configurable: true });
  if (wire.stack) error.stack = wire.stack;
  return Object.assign(error, wire.details);
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
