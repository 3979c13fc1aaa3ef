/** Importing it registers pdf.js's worker code in this realm; the package has no types for it. */
declare module 'pdfjs-dist/legacy/build/pdf.worker.mjs';
