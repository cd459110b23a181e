import { CORRELATION_COLUMNS } from '../format/columns.ts';

/**
 * Says what feature names would have to be, when these cannot be columns.
 *
 * @param names Anything.
 */
export function featureNamesFault(names: unknown): string | undefined {
  // Array.from shows the holes of a sparse array, which `some` would pass over.
  if (
    !Array.isArray(names) ||
    names.length === 0 ||
    Array.from(names).some((name) => typeof name !== 'string' || name === '')
  ) {
    return 'an array of at least one non-empty text';
  }
  if (new Set(names).size !== names.length) {
    return 'free of repeated names';
  }
  if (names.some((name) => (CORRELATION_COLUMNS as readonly string[]).includes(name))) {
    return `free of the columns that the collector adds (${CORRELATION_COLUMNS.join(', ')})`;
  }
  return undefined;
}
