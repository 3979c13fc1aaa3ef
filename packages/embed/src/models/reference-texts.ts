/** What every backend is tried on: short and long, rare words, other scripts, punctuation. Changing them voids reference vectors. */
export const REFERENCE_TEXTS: string[] = [
  'How do I renew my passport?',
  'The quick brown fox jumps over the lazy dog.',
  'A crash-safe journal writes every record twice: once to the log, once to the checkpoint.',
  'naïve café, 東京タワー and Привет мир — 3.14159 € [UNK] C++',
  'Photosynthesis converts light into chemical energy, which plants store as sugar.',
  'interest rates rose by a quarter of a percentage point',
  'supercalifragilisticexpialidocious',
  'To install the package, run the command below. It downloads nothing else; the model, about eight megabytes, is part of it. Afterwards open the page, drop a folder of notes, and search them by word or by meaning, online or offline.',
];
