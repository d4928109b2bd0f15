/** Number of single-letter insertions, deletions and replacements between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min(next[j] + 1, row[j + 1] + 1, row[j] + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** Words that share their parts in another order (ATTR_LOAD) are near as well. */
function sortedParts(word: string): string {
  return word.split('_').sort().join('_');
}

/** The known word that was probably meant; undefined where none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const asked = word.toUpperCase();
  const limit = Math.max(2, Math.floor(asked.length / 3));
  const scored = known.map((candidate) => {
    const upper = candidate.toUpperCase();
    const direct = asked.length > 2 && upper.startsWith(asked) ? 1 : distance(asked, upper);
    return { candidate, score: Math.min(direct, distance(sortedParts(asked), sortedParts(upper)) + 1) };
  });
  const best = scored.reduce((a, b) => (b.score < a.score ? b : a), { candidate: '', score: limit + 1 });
  return best.score <= limit ? best.candidate : undefined;
}
