/** Something that is measured, ours or a peer's, opened in a realm of its own. */
export interface Engine {
  /** What runs, for tags and remarks. Plain data. */
  facts: Record<string, string | number | boolean>;
  /** Each takes and returns plain data. */
  operations: Record<string, (input: never) => Promise<unknown>>;
  close(): Promise<void> | void;
}

export interface EngineModule<Options> {
  open(options: Options): Promise<Engine>;
}
