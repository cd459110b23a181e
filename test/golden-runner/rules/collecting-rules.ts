import type { RuleText } from './rule.ts';

/** How what the layout `python-v1` writes differs from what the Python collector wrote; the runner applies them. */
export const COLLECTING_RULES = {
  telemetry: {
    id: 'no-telemetry-file',
    peer: 'writes `aml_telemetry.csv` beside inputs, with where it runs: no rows, and other columns',
    ours: 'writes no such file: readers that take all `*.csv` of a folder would take it for rows',
  },
  headerOnly: {
    id: 'no-header-without-rows',
    peer: 'writes a blob with nothing but a header when it was given nothing that it takes, and beside rows that are routed elsewhere',
    ours: 'makes no blob before there is a row for it',
  },
  emptyRow: {
    id: 'no-empty-line',
    peer: 'writes an empty list as an empty line',
    ours: 'writes nothing: there is no row',
  },
  otherColumns: {
    id: 'columns-of-their-own',
    peer: 'writes rows with other columns below the header that is there first, or has been replaced meanwhile',
    ours: 'writes them into a file beside, `<file>-<hash>.csv`, with their own header',
  },
  otherWidth: {
    id: 'row-of-wrong-width-refused',
    peer: 'writes a row that has another number of values than there are feature names',
    ours: 'refuses the call as `invalid`, with both numbers',
  },
  record: {
    id: 'record-is-a-row',
    peer: 'takes no dictionary',
    ours: 'takes an object for a row by name',
  },
  unroutable: {
    id: 'name-is-no-folder',
    peer: 'stores nothing, without a word, when a part of the path has a slash or letters outside of ASCII',
    ours: 'throws at construction when a part of the path has a slash; all other letters are stored',
  },
  unnamedRoute: {
    id: 'routed-without-names',
    peer: 'routes a list by the columns of its call only when there are feature names',
    ours: 'routes it in any case',
  },
  designation: {
    id: 'free-designation',
    peer: 'makes an object that cannot collect when the designation is none of its six',
    ours: 'takes any name',
  },
  switchCase: {
    id: 'switch-in-any-case',
    peer: 'collects only when `AML_MODEL_DC_STORAGE_ENABLED` is exactly `true`',
    ours: 'takes `True` and `TRUE` too',
  },
  texts: {
    id: 'types-as-text',
    peer: 'writes durations, dates, bytes, tuples, and times finer than milliseconds or in other zones than UTC',
    ours: 'has no such types in JavaScript: they are given as their text',
  },
} as const satisfies Record<string, RuleText>;
