/** The commit that this page was built from; set by vite.config.ts. */
declare const __COMMIT__: import('./records/schema.ts').Commit;
