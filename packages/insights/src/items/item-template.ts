/** A text that differs from one item to the next. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** Bytes with places in them that are to be written over. @internal */
export interface TemplatePart {
  readonly bytes: Uint8Array;
  /** Where the places begin. */
  readonly places: readonly number[];
}

/**
 * Finds out which bytes of an item are the same in all others of its kind, by two examples that have other characters
 * wherever items may differ. A text of one character stands for one of any length: the item is cut at its quotes, and its
 * parts are what is left.
 *
 * @param lengths Lengths of the texts, in their order.
 * @returns The parts; `undefined` when the examples differ in another way.
 * @internal
 */
export function templateParts(
  one: Uint8Array,
  other: Uint8Array,
  lengths: readonly number[],
): readonly TemplatePart[] | undefined {
  const places = differences(one, other);
  const isExpected =
    one.length === other.length &&
    places.length === lengths.length &&
    places.every(({ start, end }, index) => end - start === lengths[index]);
  if (!isExpected) {
    return undefined;
  }
  const cuts = places.filter(({ start, end }) => end - start === 1);
  const parts: TemplatePart[] = [];
  let from = 0;
  for (const cut of [...cuts, undefined]) {
    const [first, end] = [from, cut === undefined ? one.length : cut.start - 1];
    parts.push({
      bytes: one.slice(first, end),
      places: places.filter((place) => place.start >= first && place.end <= end).map(({ start }) => start - first),
    });
    from = cut === undefined ? end : cut.end + 1;
  }
  return parts;
}

function differences(one: Uint8Array, other: Uint8Array): Place[] {
  const places: Place[] = [];
  for (let at = 0; at < one.length; at++) {
    if (one[at] !== other[at]) {
      const start = at;
      while (at < one.length && one[at] !== other[at]) {
        at += 1;
      }
      places.push({ start, end: at });
    }
  }
  return places;
}
