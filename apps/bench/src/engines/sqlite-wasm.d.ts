// The package comes without types; these are the parts that are used.
declare module '@sqlite.org/sqlite-wasm' {
  export interface SqliteDatabase {
    exec(sql: string | { sql: string; bind?: unknown[] }): SqliteDatabase;
    selectValues(sql: string): unknown[];
    close(): void;
  }
  interface Sqlite3 {
    version: { libVersion: string };
    oo1: { OpfsDb?: new (path: string, flags: string) => SqliteDatabase };
  }
  export default function sqlite3InitModule(options: {
    print: (text: string) => void;
    printErr: (text: string) => void;
  }): Promise<Sqlite3>;
}
