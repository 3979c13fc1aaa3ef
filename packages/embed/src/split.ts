/**
 * Windows of at most `maxTokens` tokens, each counted as the text that it is, so that a window never has more tokens than
 * said, whatever the tokenizer does at its edges. Windows end between words; a word that is too long alone ends between
 * characters. White space at the edges of a window belongs to none.
 */
export function splitText(
  text: string,
  maxTokens: number,
  count: (part: string) => number,
): { start: number; end: number }[] {
  if (!(maxTokens >= 1)) throw new RangeError(`maxTokens is ${maxTokens}; it must be 1 or more.`);
  const windows: { start: number; end: number }[] = [];
  const words = [...text.matchAll(/\S+/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const tokens = words.map(({ start, end }) => count(text.slice(start, end)));
  let first = 0;
  while (first < words.length) {
    const { start, end } = words[first]!;
    if (tokens[first]! > maxTokens) {
      const cut = longestPrefix(text, start, end, maxTokens, count);
      windows.push({ start, end: cut });
      if (cut === end) first++;
      else {
        words[first] = { start: cut, end };
        tokens[first] = count(text.slice(cut, end));
      }
      continue;
    }
    let last = first;
    for (let sum = tokens[first]!; last + 1 < words.length && sum + tokens[last + 1]! <= maxTokens;)
      sum += tokens[++last]!;
    // Tokens of words need not add up where the tokenizer looks across spaces.
    while (last > first && count(text.slice(start, words[last]!.end)) > maxTokens) last--;
    windows.push({ start, end: words[last]!.end });
    first = last + 1;
  }
  return windows;
}

/** End of the longest beginning of text[start, end) with at most `maxTokens` tokens; at least one character. */
function longestPrefix(
  text: string,
  start: number,
  end: number,
  maxTokens: number,
  count: (part: string) => number,
): number {
  const fits = (to: number): boolean => count(text.slice(start, to)) <= maxTokens;
  // Grow until it is too much, then halve; ends are kept off the middle of surrogate pairs.
  let good = characterEnd(text, start + 1);
  let bad = good;
  for (let step = maxTokens; bad < end && fits(bad); step *= 2) {
    good = bad;
    bad = Math.min(end, characterEnd(text, bad + step));
  }
  while (true) {
    const middle = characterEnd(text, (good + bad) >> 1);
    const guess = middle < bad ? middle : characterEnd(text, good + 1);
    if (guess <= good || guess >= bad) return good;
    if (fits(guess)) good = guess;
    else bad = guess;
  }
}

/** `i`, or the place behind it when it is in the middle of a surrogate pair. */
function characterEnd(text: string, i: number): number {
  const low = (text.charCodeAt(i) & 0xfc00) === 0xdc00;
  return low && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800 ? i + 1 : i;
}
