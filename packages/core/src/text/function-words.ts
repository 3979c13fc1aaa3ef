/**
 * English words that carry grammar rather than meaning. They are indexed and found like all others; a small
 * collection, whose own counts say little, only takes them to be as common as they are everywhere.
 */
const WORDS =
  'a about above after again all also although always am an and another any anyone anything are as at be because been ' +
  'before being below best better between both but by can cannot could did do does doing done down during each either ' +
  'else etc even ever every few for from further get gets getting give given go going got had has have having he her ' +
  'here hers herself him himself his how however i if in into is it its itself just least less let like made make many ' +
  'may me might mine more most much must my myself need never no nor not nothing now of off often on once one only or ' +
  'other others our ours ourselves out over own per perhaps please quite rather really same shall she should since so ' +
  'some something soon still such than that the their theirs them themselves then there these they thing things this ' +
  'those though through thus to too under until up upon us use used using very want was way we well were what whatever ' +
  'when where whether which while who whom whose why will with within without would yes yet you your yours yourself';

const FUNCTION_WORDS: ReadonlySet<string> = new Set(WORDS.split(' '));

/** Whether a folded word is an English function word. */
export function isFunctionWord(word: string): boolean {
  return FUNCTION_WORDS.has(word);
}
