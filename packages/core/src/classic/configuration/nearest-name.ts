/**
 * Finds the name that a caller probably meant.
 *
 * Letter case, underscores and dashes do not count, so that Python's names find ours.
 *
 * @param name The name that is not there.
 * @param names Those that are.
 * @returns The nearest one, or `undefined` when none is near.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  // More differences than a third of the letters make another word.
  let least = Math.floor(wanted.length / 3) + 1;
  for (const candidate of names) {
    const distance = differences(wanted, plain(candidate));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

/** How many letters must be put in, taken out or replaced (Levenshtein). */
function differences(left: string, right: string): number {
  let before = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...left].entries()) {
    const now = [row + 1];
    for (let column = 1; column <= right.length; column += 1) {
      now.push(
        Math.min(
          (before[column] ?? 0) + 1,
          (now[column - 1] ?? 0) + 1,
          (before[column - 1] ?? 0) + (letter === right[column - 1] ? 0 : 1),
        ),
      );
    }
    before = now;
  }
  return before[right.length] ?? 0;
}
