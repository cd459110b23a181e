import type { UtcDay } from '@azureml-ts/monitoring/format';
import type { FileLayout } from '../files/stream-selection.ts';
import type { CallNumberRun, Finding } from './finding.ts';

/**
 * What the ledger says of a writer on a day.
 *
 * | state | says |
 * |---|---|
 * | `open` | it goes on, or died without leaving rows behind: `stored` is the least there must be |
 * | `closed` | it has ended: the counts are final |
 * | `recovered` | it died; what its journal held was stored by another process, and the counts are final |
 * | `unknown` | there are rows of it, but no entry |
 */
export type WriterState = 'open' | 'closed' | 'recovered' | 'unknown';

/** What became of the rows of one writer (one collector of one process) on one day. */
export interface WriterReport {
  /** First part of the ids of its calls. */
  readonly writer: string;
  /** What the ledger says of it. */
  readonly state: WriterState;
  /** Whether nothing is wrong with it on this day. */
  readonly holds: boolean;
  /** Rows that it was given; `null` when unknown, as all counts of the ledger. */
  readonly collected: number | null;
  /** Rows that are stored, as the ledger says. */
  readonly stored: number | null;
  /** Rows that were dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Rows that waited when the entry was written. */
  readonly pending: number | null;
  /**
   * Rows that were found in the files: those with ids of this writer, and of those with ids of other calls the ones that
   * can only be its own.
   */
  readonly rowsFound: number;
  /** Of `rowsFound`, those with ids of other calls. */
  readonly underOtherIds: number;
  /** Calls of its own numbers that were found on this day. */
  readonly calls: number;
  /** Call numbers without rows and without a reason: the first 100 runs. */
  readonly missing: readonly CallNumberRun[];
  /** How many calls these are, all runs together. */
  readonly missingCalls: number;
  /** Times that rows of one of its calls stand in a further place. */
  readonly duplicates: number;
  /** Highest call number that it had given when the entry was written; `null` when unknown. */
  readonly lastCall: number | null;
  /** Share of the calls that it kept; `null` when unknown. */
  readonly samplingRate: number | null;
  /** When its last entry was written, ISO 8601 UTC; `null` when there is none. */
  readonly at: string | null;
}

/** One day of one stream. */
export interface DayReport {
  /** UTC day of the scoring. */
  readonly day: UtcDay;
  /** Designation of the stream. */
  readonly designation: string;
  /** Version of the model. */
  readonly modelVersion: string;
  /** Who wrote the files; `null` when there are only ledgers. */
  readonly layout: FileLayout | null;
  /** Whether nothing is wrong on this day. */
  readonly holds: boolean;
  /** Whether there is a ledger. */
  readonly hasLedger: boolean;
  /** Files with rows. */
  readonly files: number;
  /** Rows in them; broken ones do not count. */
  readonly rows: number;
  /** Of these, rows with ids of calls of none of the writers below. */
  readonly underOtherIds: number;
  /** The writers, by name. */
  readonly writers: readonly WriterReport[];
}

/** One file that was read. */
export interface VerifiedFile {
  /** Path in the container, or below `<directory>/modeldata` (of JSON Lines: below the directory). */
  readonly path: string;
  /** What it holds; `payload` is a blob with the rows of a record of JSON Lines, which names it. */
  readonly kind: 'rows' | 'ledger' | 'payload';
  /** UTC day. */
  readonly day: UtcDay;
  /** Bytes that were read. */
  readonly bytes: number;
  /** Rows, or entries of a ledger. Those of a `payload` count for the file of its record: 0. */
  readonly rows: number;
  /** SHA-256 of these bytes, hexadecimal; only with {@link VerifyOptions.hashes}. */
  readonly sha256?: string | undefined;
}

/** Everything together; counts that are unknown are left out of the sums. */
export interface VerifyTotals {
  /** Days with rows or a ledger. */
  readonly days: number;
  /** Files of rows. */
  readonly files: number;
  /** Bytes of these files. */
  readonly bytes: number;
  /** Writers, each counted once. */
  readonly writers: number;
  /** Rows that collectors were given. */
  readonly collected: number;
  /** Rows that were stored, as the ledger says. */
  readonly stored: number;
  /** Rows that were dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Rows that wait. */
  readonly pending: number;
  /** Rows in the files. */
  readonly rowsFound: number;
  /** Findings that break the proof. */
  readonly errors: number;
  /** Findings that do not. */
  readonly warnings: number;
}

/**
 * What {@link CollectedData.verify} has found: for each writer and day what the ledger says and what the files hold.
 *
 * Proven are: collected = stored + dropped + waiting; stored = rows in the files; each call number has rows or a reason;
 * no call stands in two places; the files are as they were written. Values within a line are not: the ledger counts rows.
 * Of days without a ledger (`LEDGER_ABSENT`) only the form of the files is checked, and no row can be proven missing.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import path from 'node:path';
 * import { CollectedData } from '@azureml-ts/data';
 * import { ModelDataCollector } from '@azureml-ts/monitoring';
 *
 * const storage = { directory: await mkdtemp(path.join(tmpdir(), 'collected-')) };
 * const workspace = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };
 * const stream = { storage, workspace, webserviceName: 'svc', modelVersion: '1', designation: 'inputs' };
 * const collector = new ModelDataCollector('best_model', { ...stream, featureNames: ['age'] });
 * collector.collect([[41], [37]]);
 * await collector.close();
 *
 * const report = await (await CollectedData.open({ ...stream, modelName: 'best_model' })).verify();
 * console.log(report.holds, report.totals.stored, report.totals.rowsFound); // true 2 2
 * await rm(storage.directory, { recursive: true });
 * ```
 */
export interface VerifyReport {
  /** Whether the proof holds: there is no finding of severity `error`. Of days without a ledger: nothing wrong was found. */
  readonly holds: boolean;
  /**
   * `partial` when the data was opened with `from` or `to`: all counts of its days are proven, but call numbers are only
   * judged between the lowest and the highest that these days have, and a number that is missing there is a warning.
   */
  readonly range: 'whole' | 'partial';
  /** First UTC day that was asked for; `null`: the first there is. */
  readonly from: UtcDay | null;
  /** Last UTC day that was asked for; `null`: the last there is. */
  readonly to: UtcDay | null;
  /** When it was verified, ISO 8601 UTC. */
  readonly verifiedAt: string;
  /** Where the rows are, without secrets. */
  readonly storage: string;
  /** What the rows are called. */
  readonly stream: {
    readonly subscriptionId: string;
    readonly resourceGroup: string;
    readonly workspaceName: string;
    readonly webserviceName: string;
    readonly modelName: string;
    /** Designations that were verified. */
    readonly designations: readonly string[];
  };
  /** The days, in order. */
  readonly days: readonly DayReport[];
  /** What is wrong, by day; the first 10,000. */
  readonly findings: readonly Finding[];
  /** Findings beyond these; they count in `holds` and in the totals. */
  readonly moreFindings: number;
  /** The files that were read, in order. */
  readonly files: readonly VerifiedFile[];
  /** Everything together. */
  readonly totals: VerifyTotals;
}
