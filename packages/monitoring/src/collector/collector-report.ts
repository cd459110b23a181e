import { createLogger, endSentence, errorMessage, redactSecrets } from '@azureml-ts/common';
import { describeFailure, type StoreFailure } from '../engine/store-failure.ts';
import { type CollectorIssue, IssueReporter } from './collector-issue.ts';
import type { Statistics } from './statistics.ts';

const log = createLogger('monitoring');

/** What a collector's report speaks of and whom it tells. */
export interface CollectorReportOptions {
  /** Name of the collector, for messages. */
  readonly name: string;
  /** Where rows go, without secrets. */
  readonly storageName: string;
  /** Gets the numbers. */
  readonly statistics: Statistics;
  /** Told once for each cause. */
  readonly onError: ((issue: CollectorIssue) => void) | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Everything that a collector says: counted, told once for each cause to `onError`, and logged. */
export class CollectorReport {
  readonly #options: CollectorReportOptions;
  readonly #issues: IssueReporter;

  /** @param options What it speaks of and whom it tells. */
  constructor(options: CollectorReportOptions) {
    this.#options = options;
    this.#issues = new IssueReporter((issue) => this.#tell(issue), options.now);
  }

  /** Collection is off. */
  switchedOff(): void {
    log.warning(
      `${this.#options.name} does not collect. Set AML_MODEL_DC_STORAGE_ENABLED=true, or pass enabled: true, to switch it on.`,
    );
  }

  /** Collection is on, but cannot store. */
  notConfigured(fault: string): void {
    this.#issues.tell({ code: 'NOT_CONFIGURED', message: fault });
  }

  /** Input that is not rows. The message is made only when somebody hears it: this is on the way of every bad call. */
  invalid(rowCount: number, error: unknown, isThrown: boolean): string {
    if (!isThrown && !this.#issues.isNews('INVALID_ROWS')) {
      return '';
    }
    const message = `${this.#options.name} refused ${rowCount} rows: ${endSentence(errorMessage(error))}`;
    this.#issues.tell({ code: 'INVALID_ROWS', message, error });
    return message;
  }

  /** No room in memory. */
  bufferFull(pendingBytes: number, maxBufferBytes: number, which: 'New' | 'The oldest'): void {
    const { name, storageName } = this.#options;
    this.#issues.tell({
      code: 'BUFFER_FULL',
      message: `${name} has no room for more rows: ${pendingBytes} of ${maxBufferBytes} bytes wait for ${storageName}. ${which} rows are dropped and counted. Raise maxBufferBytes, or see why storing is slow.`,
    });
  }

  /** The store has acknowledged rows. */
  stored(rowCount: number): void {
    const { statistics, now } = this.#options;
    statistics.stored += rowCount;
    statistics.lastStoredAt = new Date(now());
    this.#issues.storageWorks();
  }

  /** An append failed; the rows are kept. */
  failed(failure: StoreFailure, error: unknown): void {
    const { name, storageName, statistics } = this.#options;
    const message = `${name} could not store rows in ${storageName}: ${failure.message} They are kept and tried again.`;
    statistics.lastError = redactSecrets(message);
    this.#issues.tell({ code: failure.cause, message, error });
  }

  /** The store will never take these rows. */
  refused(rowCount: number, failure: StoreFailure, error: unknown): void {
    const { name, storageName } = this.#options;
    const message = `${name}: ${storageName} will never take a batch of ${rowCount} rows: ${failure.message} They are given up.`;
    this.#issues.tell({ code: failure.cause, message, error });
  }

  /** The end came before the store acknowledged these rows: the journal has the first, the others are lost. */
  left(keptRows: number, lostRows: number): void {
    const { name, storageName } = this.#options;
    if (keptRows > 0) {
      log.warning(
        `${name}: ${keptRows} rows are kept in the journal: ${storageName} did not acknowledge them before the end. The next process that collects for the same storage stores them.`,
      );
    }
    if (lostRows > 0) {
      log.error(`${name}: ${lostRows} rows are given up: ${storageName} did not acknowledge them before the end.`);
    }
  }

  /** The store will never take these rows of a process that died. */
  recoveredRefused(rowCount: number, failure: StoreFailure, error: unknown): void {
    const { name, storageName } = this.#options;
    const message = `${name}: ${storageName} will never take a batch of ${rowCount} rows that another process left in its journal: ${failure.message} They are given up.`;
    this.#issues.tell({ code: failure.cause, message, error });
  }

  /** An entry of the ledger could not be written; the rows themselves are not concerned. */
  ledgerFailed(error: unknown): void {
    const { name, storageName } = this.#options;
    const message = `${name} could not write its ledger in ${storageName}: ${describeFailure(error).message} The rows are not concerned; the entry comes with the next.`;
    this.#issues.tell({ code: 'LEDGER_FAILED', message, error });
  }

  /** The journal has trouble; rows are still collected. */
  journalTrouble(trouble: CollectorIssue): void {
    this.#issues.tell({ ...trouble, message: `${this.#options.name}: ${trouble.message}` });
  }

  /** Something else than a file of such rows stands where rows were to go: they go to a file beside it. */
  nameTaken(path: string): void {
    const { name, storageName } = this.#options;
    const message = `${name}: ${path} in ${storageName} is no file of such rows: another tool wrote it in one piece or as another kind of blob, or it is a folder. It stays as it is. Rows go to a file with a number in its name beside it.`;
    this.#issues.tell({ code: 'FILE_NAME_TAKEN', message });
  }

  /** Something is set that cannot be used, or missing: the collector goes on without it. */
  setting(code: string, message: string): void {
    this.#issues.tell({ code, message: `${this.#options.name}: ${message}` });
  }

  #tell(told: CollectorIssue): void {
    const { name, statistics, onError } = this.#options;
    const issue = { ...told, message: redactSecrets(told.message) };
    log.warning(issue.message);
    statistics.lastError = issue.message;
    const failed = (error: unknown) => log.error(`onError of ${name} failed: ${errorMessage(error)}`);
    try {
      // An async function is a function too: its rejection must not end the process.
      Promise.resolve(onError?.(issue)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
