/** Cuts a JSON text into texts, numbers, words and signs. */
export function tokensOf(json: string): string[] {
  return json.match(/"(?:[^"\\]|\\.)*"|[^\s",:[\]{}]+|[,:[\]{}]/g) ?? [];
}

const NUMBER = /^-?\d/;

/** A pair of tokens at the same place of two bodies that differ. */
export interface TokenPair {
  readonly recorded: string;
  readonly ours: string;
}

/** Pairs what differs in two bodies; `undefined` when they are not built alike. */
export function tokenPairs(recorded: string, ours: string): TokenPair[] | undefined {
  const left = tokensOf(recorded);
  const right = tokensOf(ours);
  if (left.length !== right.length) {
    return undefined;
  }
  return left.flatMap((token, index) => {
    const other = right[index] ?? '';
    return token === other ? [] : { recorded: token, ours: other };
  });
}

/** Whether both are numbers, and the recorded one is ours with the ten decimals, or digits, that the peer keeps. */
export function isRounded({ recorded, ours }: TokenPair): boolean {
  if (!NUMBER.test(recorded) || !NUMBER.test(ours)) {
    return false;
  }
  const [rounded, exact] = [Number(recorded), Number(ours)];
  const isNear = Math.abs(rounded - exact) <= Math.max(1e-10, Math.abs(exact) * 1e-9);
  // The largest float, rounded up, is none any more.
  const isLargest = rounded === Number.POSITIVE_INFINITY && exact > 1.797e308;
  return (isNear || isLargest) && !isWithoutPoint({ recorded, ours });
}

/** Whether ours is the same whole number without the point. */
export function isWithoutPoint({ recorded, ours }: TokenPair): boolean {
  return NUMBER.test(ours) && !/[.e]/i.test(ours) && recorded === `${ours}.0`;
}
