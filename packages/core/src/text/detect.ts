import type { Language } from './stemmers.ts';

/** The commonest short words of each language, folded: what a text of a few sentences is full of. */
const COMMON: Partial<Record<Language, string>> = {
  english: 'the of and to in is that for it was with as on be at by this are from or have an not which but we they you his her were their been has will would can if what when there a all any do each into more no only other should some such than them then used using when where who',
  german: 'der die und das den von zu mit sich des auf fur ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem uber',
  french: 'de la le et les des en un du une que est pour qui dans par plus pas au sur ne se ce il sont avec ou son aux elle cette ces nous mais vous je leur etre',
  spanish: 'de la que el en y los se del las un por con no una su para es al lo como mas o pero sus le ha si sobre este ya entre cuando todo esta ser son tambien fue',
  italian: 'di e il la che in un per del non una sono da con si le della nel come alla piu anche gli dei al ma ha lo dal questo delle nella essere stato i',
  portuguese: 'de que e o da em um para com nao uma os no se na por mais as dos como mas ao ele das tem seu sua ou quando muito nos ja eu tambem pelo pela ate isso',
  dutch: 'de van het een en in is dat op te zijn met voor niet aan er om ook als dan maar bij uit door naar heeft hij ze wordt nog wel geen werd deze over tot',
  danish: 'og i at det er en til af den pa for med der de ikke som et har jeg var men om ved fra han havde sig blev eller kan hun vil efter nar ogsa',
  norwegian: 'og i det er pa en til som av at for ikke med den de har var et om fra men han jeg seg ble hun kan vil eller etter ved nar ogsa blir mellom',
  swedish: 'och i att det som en pa ar av for med till den har de inte om ett han men var jag fran vi sa kan nar hon eller ska skulle efter under vid mycket',
  finnish: 'ja on ei se etta oli han mutta ovat kun niin joka mita tai sen myos kuin hanen ole olla jos nyt vain sita tama ollut jonka ne sitten voi',
  hungarian: 'a az es hogy nem is egy ez meg de volt csak van mint el ki ha le mar azt kell lehet vagy minden fel be azonban szerint pedig',
  indonesian: 'yang dan di dengan untuk dari ini itu tidak pada adalah dalam akan ke juga oleh sebagai karena ada mereka atau kami telah bisa saya sudah',
  irish: 'agus an na ar a is i le go do ag sa bhi ni san nach ach mar seo sin fear ata leis bhfuil',
  lithuanian: 'ir kad i yra tai su buvo kaip is bet jis apie ne o tik jau dar per savo po gali buti metu labai taip',
  romanian: 'de si in a la cu pe nu este o un ca din care mai au sa pentru fi fost dar prin sau lui era dupa sunt ale',
  turkish: 've bir bu da de icin ile cok olarak daha gibi ne ama var olan kadar ben sonra en o mi degil her icinde oldu',
}; // prettier-ignore

const CANDIDATES = Object.keys(COMMON) as Language[];
/** Of each common word, the places in `CANDIDATES` of the languages that have it. */
const languagesOf = new Map<string, number[]>();
CANDIDATES.forEach((language, at) => {
  for (const word of COMMON[language]!.split(' ')) {
    const list = languagesOf.get(word) ?? [];
    list.push(at);
    languagesOf.set(word, list);
  }
});
const votes = new Float64Array(CANDIDATES.length);

const SAMPLE = 600;
/** Addresses, paths and code: `com` is no Portuguese there. Abbreviations such as MIT are no words, either. */
const NO_PROSE = /\S*[\w)\]][./@_:=\\](?=\w)\S*|\b[A-Z]{2,}\b/g;

/**
 * Guesses the language of a text from its script and its commonest words.
 * Short or mixed texts where no language stands out give `none`: better no stems than wrong ones.
 *
 * @param sample some hundred words are enough; more than 600 characters are not looked at
 */
export function detectLanguage(sample: string): Language {
  const text = sample.slice(0, SAMPLE);
  const script = byScript(text);
  if (script !== undefined) return script;
  const words = wordsOf((/[a-z]/.test(text) ? text.replace(NO_PROSE, ' ') : text).toLowerCase());
  votes.fill(0);
  for (const word of words) {
    const languages = languagesOf.get(word);
    // A word that many languages share says little.
    if (languages !== undefined) for (const at of languages) votes[at]! += 1 / languages.length;
  }
  let leader = -1;
  let bestVotes = 0;
  let second = 0;
  for (let at = 0; at < votes.length; at++) {
    const count = votes[at]!;
    if (count > bestVotes) {
      second = bestVotes;
      bestVotes = count;
      leader = at;
    } else if (count > second) second = count;
  }
  const best = CANDIDATES[leader] ?? 'none';
  // One word alone is more often a name or a loan in English than a text in another language.
  const alone = best !== 'english' && words.length > 3 && votersOf(leader, words) === 1;
  const enough = !alone && (bestVotes >= 2 || (words.length < 12 && bestVotes >= 0.5));
  return enough && bestVotes >= words.length * 0.04 && bestVotes >= second * 1.3 ? best : 'none';
}

/** How many different words speak for a language. */
function votersOf(language: number, words: readonly string[]): number {
  return new Set(words.filter((word) => languagesOf.get(word)?.includes(language) === true)).size;
}

/** Words without accents, of text in lower case. */
function wordsOf(text: string): string[] {
  // Nearly all English text takes the short way.
  if (unitsAreBelow(text, 0x80)) return text.match(/[a-z]+/g) ?? [];
  return text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').match(/[\p{L}]+/gu) ?? []; // prettier-ignore
}

function unitsAreBelow(text: string, limit: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= limit) return false;
  return true;
}

function byScript(text: string): Language | undefined {
  // Plain English, and much else, needs no closer look.
  if (unitsAreBelow(text, 0x250) || !/[^\p{ASCII}\u0080-\u024f\u2000-\u206f]/u.test(text))
    return /[a-z\u00c0-\u024f]/i.test(text) ? undefined : 'none';
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return 'none';
  const share = (script: RegExp): boolean => (text.match(script)?.length ?? 0) > letters * 0.5;
  if (share(/\p{Script=Cyrillic}/gu)) {
    if (/[іїєґўјљњћђџқғұөһ]/iu.test(text)) return 'none';
    return /[ыэё]/iu.test(text) || !/ъ/iu.test(text) ? 'russian' : 'bulgarian';
  }
  if (share(/\p{Script=Greek}/gu)) return 'greek';
  if (share(/\p{Script=Armenian}/gu)) return 'armenian';
  if (share(/\p{Script=Arabic}/gu)) return /[پچژگ]/u.test(text) ? 'none' : 'arabic';
  return share(/\p{Script=Latin}/gu) ? undefined : 'none';
}
