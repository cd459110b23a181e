import type { UtcDay } from '@azureml-ts/monitoring/format';

/** Whether a finding breaks the proof. */
export type FindingSeverity = 'error' | 'warning';

/**
 * What was found. Codes stay the same from release to release; new ones may come.
 *
 * | code | says |
 * |---|---|
 * | `ROWS_MISSING` | the ledger says that more rows are stored than there are |
 * | `ROWS_TOO_MANY` | there are more rows than the ledger says are stored |
 * | `ROWS_WITHOUT_LEDGER` | rows of writers that the ledger does not know |
 * | `ROWS_LOST` | rows were collected, and are neither stored nor dropped nor waiting: a process died with them |
 * | `ROWS_WAITING` | a writer has ended and left rows in its journal |
 * | `FAILED_ROWS_FOUND` | rows that were given up are stored all the same: only the answer of the store was lost |
 * | `CALLS_MISSING` | call numbers of which there are no rows, and no reason why |
 * | `CALLS_CONTRADICT` | calls that the ledger says have no rows have some, or numbers beyond the last |
 * | `CALLS_NOT_CHECKED` | so many calls were left out by sampling that not all of them were computed again |
 * | `DUPLICATE_CALL` | rows of a call stand in more than one place |
 * | `DUPLICATE_RECORD` | records of JSON Lines whose own id another one has |
 * | `LEDGER_MISSING` | there are rows of a day, but no ledger |
 * | `LEDGER_ABSENT` | the files were written by something that keeps no ledger: only their form was checked |
 * | `LEDGER_BAD_LINE` | a line of a ledger cannot be read |
 * | `ENTRY_CONTRADICTS` | an entry of a ledger contradicts itself or an earlier one |
 * | `ENTRY_MISPLACED` | an entry stands in the ledger of another day or stream |
 * | `WRITER_NOT_CLOSED` | a writer has not said for long that it goes on, and not that it has ended |
 * | `BAD_RECORD` | records with too few or too many cells; of JSON Lines, lines that are no record with rows |
 * | `BAD_HEADER` | a header that names a column twice |
 * | `HEADER_UNKNOWN` | a header that no writer of the day has: changed or removed |
 * | `HEADER_REPEATED` | a header that stands among the rows |
 * | `BAD_TIMESTAMP` | rows whose time of scoring is none |
 * | `ROW_WITHOUT_ID` | rows without the id of their call |
 * | `ROW_OF_OTHER_DAY` | rows in the folder of a day on which they were not scored |
 * | `RECORD_TOO_LONG` | a record of more than 64 MiB, as an opened quote makes it |
 * | `DATAREF_FAILED` | records of JSON Lines that name another blob with their rows, which cannot be read |
 * | `TORN_END` | a file that ends within a record |
 * | `FILE_NOT_READ` | a file beside the rows that readers pass over, or that only some of them read |
 * | `FILE_OUTSIDE_DAY` | a file of rows that stands in no folder of a day |
 * | `FOLDER_UNPADDED` | a month or day without its leading zero beside others that have it |
 * | `FOLDER_CASE` | a folder whose name differs only in upper and lower case |
 * | `NOTHING_FOUND` | there is no file and no ledger of these days: nothing was proven |
 */
export type FindingCode =
  | 'ROWS_MISSING'
  | 'ROWS_TOO_MANY'
  | 'ROWS_WITHOUT_LEDGER'
  | 'ROWS_LOST'
  | 'ROWS_WAITING'
  | 'FAILED_ROWS_FOUND'
  | 'CALLS_MISSING'
  | 'CALLS_CONTRADICT'
  | 'CALLS_NOT_CHECKED'
  | 'DUPLICATE_CALL'
  | 'DUPLICATE_RECORD'
  | 'LEDGER_MISSING'
  | 'LEDGER_ABSENT'
  | 'LEDGER_BAD_LINE'
  | 'ENTRY_CONTRADICTS'
  | 'ENTRY_MISPLACED'
  | 'WRITER_NOT_CLOSED'
  | 'BAD_RECORD'
  | 'BAD_HEADER'
  | 'HEADER_UNKNOWN'
  | 'HEADER_REPEATED'
  | 'BAD_TIMESTAMP'
  | 'ROW_WITHOUT_ID'
  | 'ROW_OF_OTHER_DAY'
  | 'RECORD_TOO_LONG'
  | 'DATAREF_FAILED'
  | 'TORN_END'
  | 'FILE_NOT_READ'
  | 'FILE_OUTSIDE_DAY'
  | 'FOLDER_UNPADDED'
  | 'FOLDER_CASE'
  | 'NOTHING_FOUND';

/** Where in a file something was found. */
export interface FindingPlace {
  /** Number of the record, from 1; the header and empty lines count. */
  readonly record: number;
  /** Its first byte in the file, from 0. */
  readonly byteOffset: number;
  /** Id of its call, when that is what is wrong; of `DUPLICATE_RECORD` the record's own. */
  readonly call?: string | undefined;
}

/** Calls with numbers one after the other. */
export interface CallNumberRun {
  /** Number of the first; its id is `<writer>-<first>`. */
  readonly first: number;
  /** Number of the last. */
  readonly last: number;
}

/** One thing that is not as it should be. */
export interface Finding {
  /** What it is; see {@link FindingCode}. */
  readonly code: FindingCode;
  /** `error` breaks {@link VerifyReport.holds}, `warning` does not. */
  readonly severity: FindingSeverity;
  /** Designation of the stream. */
  readonly designation: string;
  /** Version of the model. */
  readonly modelVersion: string;
  /** UTC day, when it is about one. */
  readonly day?: UtcDay | undefined;
  /** The writer, when it is about one. */
  readonly writer?: string | undefined;
  /** Path of the file or folder, when it is about one. */
  readonly path?: string | undefined;
  /** What, where, with which numbers, and what to do next. */
  readonly message: string;
  /** The numbers, by name. */
  readonly counts: Readonly<Record<string, number>>;
  /** Where in the file: the first 20 places. */
  readonly places?: readonly FindingPlace[] | undefined;
  /** Which calls of the writer: the first 100 runs. */
  readonly calls?: readonly CallNumberRun[] | undefined;
}

/** A finding before it is known which stream it is about. */
export type FindingDraft = Omit<Finding, 'designation' | 'modelVersion'>;

/** Takes what is found. */
export type Tell = (finding: FindingDraft) => void;

/** A number with its noun: `1 row`, `2 rows`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
