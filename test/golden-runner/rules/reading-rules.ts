import { durationOf, type PythonCell, plainTime } from '../reading/python-cells.ts';
import type { RuleText } from './rule.ts';

/** One value that was read, beside what the Python collector was given. */
export interface ReadCell {
  readonly given: PythonCell;
  /** Whether it was given in a data frame. */
  readonly isOfFrame: boolean;
  /** What `rows()` gives without declared types. */
  readonly value: unknown;
  /** What `rows({ types: 'strings' })` gives. */
  readonly text: unknown;
}

/** A value that is read otherwise than it was given. */
export interface ReadingRule extends RuleText {
  explains(cell: ReadCell): boolean;
}

/** Whether a value is read as what it was given as. */
export function isSameValue({ given, value, text }: ReadCell): boolean {
  switch (given.kind) {
    case 'missing':
      return value === null && text === '';
    case 'boolean':
      return value === given.value && text === (given.value ? 'True' : 'False');
    case 'integer':
      return value === Number(given.digits) && Number.isSafeInteger(value) && text === given.digits;
    case 'float': {
      const read = numberOf(text);
      return given.isSingle
        ? typeof value === 'number' && Object.is(Math.fround(value), Math.fround(given.value)) && read === value
        : Object.is(value, given.value) && Object.is(read, given.value);
    }
    case 'text':
      return value === given.text && text === given.text;
    default:
      return false;
  }
}

/** Rules about values. */
export const READING_RULES: readonly ReadingRule[] = [
  {
    id: 'hole-of-a-frame',
    peer: 'writes NaN of a data frame, which is also how pandas marks what is missing, as an empty cell',
    ours: 'reads `null`; NaN of a list or an array is written as `nan`, and read as `NaN`',
    explains: ({ given, isOfFrame, value, text }) =>
      isOfFrame && given.kind === 'float' && Number.isNaN(given.value) && value === null && text === '',
  },
  {
    id: 'empty-text',
    peer: 'writes an empty text as an empty cell, like None',
    ours: 'reads `null`, and the empty text when the column is declared as `string`',
    explains: ({ given, value, text }) => given.kind === 'text' && given.text === '' && value === null && text === '',
  },
  {
    id: 'text-like-a-value',
    peer: 'writes a text that looks like a number or a boolean as it would write that',
    ours: 'reads the number or the boolean, and the text when the column is declared as `string`',
    explains: ({ given, value, text }) =>
      given.kind === 'text' && typeof value !== 'string' && value !== null && text === given.text,
  },
  {
    id: 'large-integer',
    peer: 'writes integers of any size',
    ours: 'reads integers above 9,007,199,254,740,991 as text, with every digit, and as `bigint` when declared so',
    explains: ({ given, value, text }) =>
      given.kind === 'integer' &&
      !Number.isSafeInteger(Number(given.digits)) &&
      value === given.digits &&
      text === given.digits,
  },
  {
    id: 'time-as-text',
    peer: 'writes times and dates as text, mostly without zone',
    ours: 'reads the text, and a `Date` when the column is declared as `date`; without zone it is taken for UTC',
    explains: ({ given, value, text }) =>
      given.kind === 'time' && value === text && typeof text === 'string' && plainTime(text) === given.text,
  },
  {
    id: 'duration-as-text',
    peer: 'writes durations as text',
    ours: 'reads the text',
    explains: ({ given, value, text }) =>
      given.kind === 'duration' && value === text && typeof text === 'string' && durationOf(text) === given.nanoseconds,
  },
  {
    id: 'nested-as-text',
    peer: 'writes lists, dictionaries and bytes in a cell as Python shows them',
    ours: 'reads the text',
    explains: ({ given, value, text }) =>
      given.kind === 'other' && value === text && typeof text === 'string' && (given.text ?? text) === text,
  },
];

/** Rules about whole rows; the runner applies them. */
export const ROW_RULES = {
  otherWidth: {
    id: 'row-of-other-width',
    peer: 'appends rows under a header of another width without a word',
    ours: 'does not guess: such a row ends the reading, or is left out and told of (`onBadRecord`)',
  },
  repeatedName: {
    id: 'repeated-name',
    peer: 'writes a column name twice when a data frame has it twice',
    ours: 'does not read such a file (`CSV_BAD_HEADER`): a row could hold only one of the columns',
  },
  headerInDoubt: {
    id: 'header-in-doubt',
    peer: 'writes no names above rows that have none, so that nothing tells a row of texts from names',
    ours: 'takes a first line that could be names for names, and a first line of values for a row; `header` says which it is',
  },
  emptyRow: {
    id: 'empty-row',
    peer: 'writes a row without cells as an empty line',
    ours: 'reads no row',
  },
} as const satisfies Record<string, RuleText>;

/** A cell's text as a number, by Python's words. */
function numberOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || text === '') {
    return undefined;
  }
  return text === 'nan' ? Number.NaN : Number(text.replace(/^(-?)inf$/, '$1Infinity'));
}
