/**
 * Finds the name that was probably meant: for "did you mean" in messages.
 *
 * Letter case, underscores and dashes do not count, so that Python's names find ours. A whole word of a name finds it
 * (`timeout` finds `worker-timeout`); else the name with the fewest letters to put in, take out, replace or swap with their
 * neighbour, when these are at most a third.
 *
 * @param name What was given; of a long text only the start is compared.
 * @param names The names that there are.
 * @returns The first of the nearest; `undefined` when none is near.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const wanted = plain(name.slice(0, 64));
  const stem = wanted.replace(/s$/, '');
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of names) {
    const other = plain(candidate);
    const isPart = stem.length > 2 && (other.startsWith(stem) || candidate.toLowerCase().split(/[_-]/).includes(stem));
    const distance = isPart && other !== wanted ? 0.5 : differences(wanted, other);
    if (
      distance * 3 <= Math.max(wanted.length, other.length) &&
      distance < (best?.distance ?? Number.POSITIVE_INFINITY)
    ) {
      best = { name: candidate, distance };
    }
  }
  return best?.name;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

/** How many letters must be put in, taken out, replaced or swapped with their neighbour. */
function differences(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = row > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
