/**
 * The known name that is nearest to a wrong one: the fewest letters to change, add or take away; upper and lower case are
 * the same.
 *
 * @param wrong What was written.
 * @param known At least one name.
 * @param aliases What these names are called elsewhere, in lower case.
 */
export function nearestName(
  wrong: string,
  known: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): string {
  const written = wrong.slice(0, 64).toLowerCase();
  const alias = Object.hasOwn(aliases, written) ? aliases[written] : undefined;
  if (alias !== undefined) {
    return alias;
  }
  const distances = known.map((name) => distance(written, name.toLowerCase()));
  return known[distances.indexOf(Math.min(...distances))] as string;
}

/** Levenshtein's distance. */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const changed = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(changed, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
