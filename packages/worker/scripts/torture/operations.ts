export type TortureDocument = {
  id: string;
  title: string;
  text: string;
  format: 'markdown';
};

/** What a tab is asked to do; `number` names it in the answer. */
export type Operation = { number: number } & (
  | { kind: 'add' | 'update'; documents: TortureDocument[] }
  | { kind: 'remove'; ids: string[] }
  | { kind: 'query'; text: string }
  | { kind: 'move'; model: string }
  | { kind: 'compact' }
  | { kind: 'verify'; gone: string[] }
);

/** An operation before it has its number. */
export type Task = Operation extends infer O ? (O extends Operation ? Omit<O, 'number'> : never) : never;

export type OperationKind = Operation['kind'];

/** What a tab answers. It goes on only when this has arrived. */
export interface Outcome {
  number: number;
  error?: string;
  verification?: Verification;
}

export interface Verification {
  documents: { id: string; digest?: string; error?: string; found?: string[] }[];
  /** Words of versions that are gone, and where they are found all the same. */
  ghosts: { word: string; found: string[] }[];
  /** How many passages were looked for by their own text, and which were not found as equals. */
  vectors: { asked: number; missed: string[] };
  counted: number;
  recovery: string[];
}
