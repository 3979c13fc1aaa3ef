/** What a UTF-16 code unit means to the word scanner. */
export const UNKNOWN = 0;
export const SEPARATOR = 1;
export const LOWER = 2; // any letter that is not upper case
export const UPPER = 3;
export const DIGIT = 4;
export const UNDERSCORE = 5;
export const MARK = 6; // combining marks and joiners that vanish
export const KEPT_MARK = 7; // combining marks that carry a vowel, as in Devanagari
export const MIDDLE = 8; // . ' ’ , : inside a word only between two of its kind
export const IDEOGRAPH = 9; // Han and kana: bigrams and dictionary words
export const UNSPACED = 10; // Thai, Lao, Khmer, Myanmar: dictionary words
export const HANGUL = 11;
export const SURROGATE = 12;

const classes = new Uint8Array(65536);
const folds = new Uint16Array(65536);
const longFolds = new Map<number, string>();
const LONG = 0xffff;

const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}ー々]/u;
const UNSPACED_SCRIPTS = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Class of a code unit, worked out once and remembered. */
export function classOf(unit: number): number {
  const known = classes[unit]!;
  return known === UNKNOWN ? classify(unit) : known;
}

/** The folded form of a code unit: one unit, or `LONG_FOLD` when `longFold` has several (or none). */
export function foldOf(unit: number): number {
  if (classes[unit] === UNKNOWN) classify(unit);
  return folds[unit]!;
}

export const LONG_FOLD: number = LONG;

export function longFold(unit: number): string {
  return longFolds.get(unit) ?? '';
}

function classify(unit: number): number {
  const char = String.fromCharCode(unit);
  const kind = kindOf(char, unit);
  const folded = foldChar(char, unit);
  if (folded.length === 1 && folded.charCodeAt(0) !== LONG) folds[unit] = folded.charCodeAt(0);
  else {
    folds[unit] = LONG;
    longFolds.set(unit, folded);
  }
  classes[unit] = kind;
  return kind;
}

function kindOf(char: string, unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) return SURROGATE;
  if (unit === 0x5f) return UNDERSCORE;
  if (unit === 0x2e || unit === 0x27 || unit === 0x2019 || unit === 0x2c || unit === 0xff0e) return MIDDLE;
  if (isFoldedMark(unit) || unit === 0xad || unit === 0x200c || unit === 0x200d || unit === 0xfeff)
    return MARK;
  if (IDEOGRAPHS.test(char)) return IDEOGRAPH;
  if (UNSPACED_SCRIPTS.test(char)) return UNSPACED;
  if (/\p{Script=Hangul}/u.test(char)) return HANGUL;
  if (/\p{Lu}|\p{Lt}/u.test(char)) return UPPER;
  if (/\p{L}/u.test(char)) return LOWER;
  if (/\p{N}/u.test(char)) return DIGIT;
  if (/\p{M}/u.test(char)) return KEPT_MARK;
  return SEPARATOR;
}

/** Marks that readers leave out when they type: Latin and Greek accents, Arabic and Hebrew points. */
function isFoldedMark(unit: number): boolean {
  return (
    (unit >= 0x0300 && unit <= 0x036f) ||
    (unit >= 0x0591 && unit <= 0x05c7) ||
    (unit >= 0x0610 && unit <= 0x061a) ||
    unit === 0x0640 ||
    (unit >= 0x064b && unit <= 0x065f) ||
    unit === 0x0670 ||
    (unit >= 0x06d6 && unit <= 0x06ed && unit !== 0x06dd && unit !== 0x06de && unit !== 0x06e9) ||
    (unit >= 0x1ab0 && unit <= 0x1aff) ||
    (unit >= 0x1dc0 && unit <= 0x1dff) ||
    (unit >= 0xfe00 && unit <= 0xfe0f)
  );
}

const LETTERS: Record<string, string> = {
  ß: 'ss', ẞ: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ħ: 'h', ı: 'i', ŧ: 't', ς: 'σ',
  ё: 'е', 'ѐ': 'е', '’': "'",
}; // prettier-ignore

function foldChar(char: string, unit: number): string {
  if (isFoldedMark(unit) || unit === 0xad || unit === 0x200c || unit === 0x200d) return '';
  let lower = char.toLowerCase();
  if (Object.hasOwn(LETTERS, lower)) return LETTERS[lower]!;
  lower = lower.normalize('NFKC').toLowerCase();
  const latinOrGreek =
    unit < 0x0400 || (unit >= 0x1e00 && unit <= 0x1fff) || (unit >= 0x2c60 && unit <= 0x2c7f);
  if (latinOrGreek) lower = lower.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  return lower === 'ς' ? 'σ' : lower;
}
