/**
 * Inverse document frequency that stays above zero: ln(1 + (N − n + ½) / (n + ½)).
 *
 * @param documents N, how many documents there are
 * @param containing n, how many of them hold the term
 */
export function idf(documents: number, containing: number): number {
  return Math.log(1 + (documents - containing + 0.5) / (containing + 0.5));
}

/**
 * BM25F (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009): the frequencies of a
 * term in the fields, each divided by its field's length factor and weighted, are added up first and
 * saturate together. With one field of weight 1 this is BM25.
 *
 * @param frequency Σ over fields of boost · tf / (1 − b + b · length / average length)
 */
export function saturate(frequency: number, k1: number): number {
  return (frequency * (k1 + 1)) / (frequency + k1);
}
