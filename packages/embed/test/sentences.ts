/** Real sentences, short and long ones. */
const SENTENCES = [
  'A cat.',
  'How do I renew my passport, and how long does it take?',
  'Heat transfer in the laminar boundary layer over a flat plate was measured at several Mach numbers.',
  'Photosynthesis converts light into chemical energy, which plants store as sugar; at night they breathe like us. ',
];
/** The same alone and joined. */
export const TEXTS: string[] = [
  ...SENTENCES,
  SENTENCES.slice(1, 3).join(' '),
  SENTENCES.join(' '),
  SENTENCES.toReversed().join(' ').repeat(2),
];
