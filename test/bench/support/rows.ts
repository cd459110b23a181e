import type { Cell } from '@azureml-ts/monitoring';

/** A kind of row. */
export type RowKind = 'mix10' | 'float10' | 'mix100' | 'float100';

const WORDS = ['fibre', 'month-to-month', 'Düsseldorf', 'electronic check', 'two year', 'São Paulo', 'dsl', 'none'];

/**
 * Rows as models get them, the same ones in every run.
 *
 * `mix10` is 5 doubles, 2 integers, 2 texts (an eighth of them needs quotes) and a cell that is null in a third of the
 * rows: about 130 bytes as CSV. `float10` is 10 doubles, about 190 bytes. The kinds with 100 repeat them ten times.
 *
 * @param count How many; some ten thousand make sure that no cache of number texts helps anybody.
 */
export function makeRows(kind: RowKind, count: number): Cell[][] {
  const random = seededRandom(20_240_611);
  const isMixed = kind.startsWith('mix');
  const repeats = kind.endsWith('100') ? 10 : 1;
  return Array.from({ length: count }, (_, index) => {
    const row: Cell[] = [];
    for (let part = 0; part < repeats; part += 1) {
      row.push(...(isMixed ? mixedCells(random, index) : floatCells(random)));
    }
    return row;
  });
}

/** Names for the columns of a kind. */
export function featureNames(kind: RowKind): string[] {
  return Array.from({ length: kind.endsWith('100') ? 100 : 10 }, (_, index) => `feat${index}`);
}

/** A row as an object by column. */
export function toRecord(row: readonly Cell[], names: readonly string[]): Record<string, Cell> {
  return Object.fromEntries(names.map((name, column) => [name, row[column]]));
}

function floatCells(random: () => number): Cell[] {
  return Array.from({ length: 10 }, () => (random() - 0.5) * 1000);
}

function mixedCells(random: () => number, index: number): Cell[] {
  const word = WORDS[Math.floor(random() * WORDS.length)] ?? '';
  return [
    random(),
    random() * 100,
    (random() - 0.5) * 1e6,
    random() * 1e-3,
    random() * 10,
    Math.floor(random() * 100_000),
    index,
    Math.floor(random() * 4) === 0 ? `${word}, "${index % 100}"` : word,
    `customer-${Math.floor(random() * 1_000_000)}`,
    Math.floor(random() * 3) === 0 ? null : Math.floor(random() * 1000) / 10,
  ];
}

/** Random numbers from 0 to 1 that are the same in every run (a 32-bit linear congruential generator, twice). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  // All 53 bits of a double, so that the texts of the numbers have their usual length.
  return () => ((next() >>> 5) * 67_108_864 + (next() >>> 6)) / 2 ** 53;
}
