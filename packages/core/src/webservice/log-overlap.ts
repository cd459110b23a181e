/**
 * Finds where the lines that were seen may end in the lines that were read now: at each place returned, everything before
 * it, back to the beginning of one of the two, is equal.
 *
 * @param seen The last lines of before, in order.
 * @param read The last lines of now, in order.
 * @returns Places in `read`, the last first; none when nothing fits. More than one only when the lines repeat.
 */
export function overlapEnds(seen: readonly string[], read: readonly string[]): number[] {
  if (seen.length === 0) {
    return [];
  }
  const ends: number[] = [];
  // All of what was seen, with older lines before it.
  scan(seen, read, (matched, index) => {
    if (matched === seen.length) {
      ends.push(index + 1);
    }
  });
  ends.reverse();
  // The end of what was seen, at the beginning of what was read.
  let longest = 0;
  const borders = scan(read, seen, (matched) => {
    longest = matched;
  });
  for (let end = longest; end > 0; end = borders[end - 1] ?? 0) {
    if (end < seen.length) {
      ends.push(end);
    }
  }
  return ends;
}

/**
 * The search of Knuth, Morris and Pratt: linear however much the lines repeat.
 *
 * @param pattern What to look for.
 * @param text Where.
 * @param onStep Told after each line of the text how many lines of the pattern's beginning end there.
 * @returns For each beginning of the pattern, how long its longest beginning is that is also its end.
 */
function scan(
  pattern: readonly string[],
  text: readonly string[],
  onStep: (matched: number, index: number) => void,
): readonly number[] {
  const borders: number[] = [];
  const next = (matched: number, line: string | undefined): number => {
    let left = matched;
    while (left > 0 && (left === pattern.length || pattern[left] !== line)) {
      left = borders[left - 1] ?? 0;
    }
    return pattern.length > left && pattern[left] === line ? left + 1 : left;
  };
  for (let index = 0, matched = 0; index < pattern.length; index += 1) {
    matched = index === 0 ? 0 : next(matched, pattern[index]);
    borders.push(matched);
  }
  for (let index = 0, matched = 0; index < text.length; index += 1) {
    matched = next(matched, text[index]);
    onStep(matched, index);
  }
  return borders;
}
