// What the importer needs of Node: there are no web workers, so pdf.js's parser is imported into this
// realm; and Node 20 is older than what pdf.js expects of an engine.
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';

if (!('withResolvers' in Promise)) {
  Object.defineProperty(Promise, 'withResolvers', {
    configurable: true,
    writable: true,
    value<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
      let resolve!: (value: T) => void;
      let reject!: (reason: unknown) => void;
      const promise = new Promise<T>((onResolve, onReject) => {
        resolve = onResolve;
        reject = onReject;
      });
      return { promise, resolve, reject };
    },
  });
}
