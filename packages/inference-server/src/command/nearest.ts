/** Share of a name that may differ for it to be taken for a slip. */
const SLIP = 0.4;

/**
 * The name that was most likely meant.
 *
 * @param name What was given.
 * @param known The names that there are.
 * @returns `undefined` when none is near.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined;
  const stem = name.replace(/s$/, '');
  for (const candidate of known) {
    const isPart = stem.length > 2 && (candidate.startsWith(stem) || candidate.split('-').includes(stem));
    const distance = isPart ? 0.5 : editDistance(name, candidate);
    if (
      distance <= Math.max(name.length, candidate.length) * SLIP &&
      (best === undefined || distance < best.distance)
    ) {
      best = { name: candidate, distance };
    }
  }
  return best?.name;
}

/** Letters to insert, drop, replace or swap with their neighbour. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
