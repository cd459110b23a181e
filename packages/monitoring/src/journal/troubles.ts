import { errorMessage } from '@azureml-ts/common';

/** Something that a journal cannot do. Rows are still collected. */
export interface JournalTrouble {
  /**
   * `JOURNAL_UNAVAILABLE`: the folder or the disk refuses. `JOURNAL_FULL`: no room within the limit. `JOURNAL_TAKEN`:
   * another process took this one for dead. `JOURNAL_DAMAGED`: rows of a dead process cannot be read.
   */
  readonly code: 'JOURNAL_UNAVAILABLE' | 'JOURNAL_FULL' | 'JOURNAL_TAKEN' | 'JOURNAL_DAMAGED';
  /** What is wrong, what it means, what to do next. */
  readonly message: string;
  /** What the file system said. */
  readonly error?: unknown;
}

type Lasting = 'write' | 'state' | 'claim' | 'full';

/** Tells of troubles: of one that lasts once, until it has passed. */
export class Troubles {
  readonly #directory: string;
  readonly #tell: (trouble: JournalTrouble) => void;
  readonly #lasting = new Set<Lasting>();

  /**
   * @param directory The folder of all journals.
   * @param tell Gets them.
   */
  constructor(directory: string, tell: (trouble: JournalTrouble) => void) {
    this.#directory = directory;
    this.#tell = tell;
  }

  /** Slices cannot be written. */
  cannotWrite(error: unknown): void {
    this.#once('write', {
      code: 'JOURNAL_UNAVAILABLE',
      message: `the journal in ${this.#directory} cannot be written: ${sentence(error)} Rows that wait are in memory only, and lost when the process ends before they are stored. Give the folder room and rights, or name another in journal.directory or AML_MODEL_DC_JOURNAL.`,
      error,
    });
  }

  /** What became of slices cannot be noted. */
  cannotNote(error: unknown): void {
    this.#once('state', {
      code: 'JOURNAL_UNAVAILABLE',
      message: `the journal in ${this.#directory} cannot be updated: ${sentence(error)} It is tried again; rows in it are kept until then.`,
      error,
    });
  }

  /** What others left cannot be taken over. */
  cannotClaim(error: unknown): void {
    this.#once('claim', {
      code: 'JOURNAL_UNAVAILABLE',
      message: `rows that other processes left in ${this.#directory} cannot be taken over: ${sentence(error)} It is tried again.`,
      error,
    });
  }

  /** No room within the limit. */
  full(maxBytes: number): void {
    this.#once('full', {
      code: 'JOURNAL_FULL',
      message: `the journal in ${this.#directory} has its ${maxBytes} bytes in use. Further rows are in memory only until there is room. Raise journal.maxBytes, or see why storing is slow.`,
    });
  }

  /** Another process took the folder over. */
  taken(folder: string): void {
    this.#say({
      code: 'JOURNAL_TAKEN',
      message: `another process has taken over the journal ${folder}, because this one gave no sign of life. It stores what is in it, and this process goes on with a new one. Nothing is to be done; it can happen when a process is stopped for a while.`,
    });
  }

  /** Rows that a dead process left cannot be read. */
  damaged(file: string, bytes: number, keptAt: string): void {
    this.#say({
      code: 'JOURNAL_DAMAGED',
      message: `${bytes} bytes of rows that another process left in ${file} cannot be read. The file is kept as ${keptAt} when the rest is stored. Look for faults of the disk in the log of the system.`,
    });
  }

  /** The notes of what is stored cannot be read. */
  damagedState(file: string): void {
    this.#say({
      code: 'JOURNAL_DAMAGED',
      message: `the notes that another process left in ${file} on what it had stored cannot be read. Its rows there are stored once more. Look for faults of the disk in the log of the system.`,
    });
  }

  /** It works again: what comes next is news. */
  passed(...lasting: readonly Lasting[]): void {
    for (const trouble of lasting) {
      this.#lasting.delete(trouble);
    }
  }

  #once(lasting: Lasting, trouble: JournalTrouble): void {
    if (!this.#lasting.has(lasting)) {
      this.#lasting.add(lasting);
      this.#say(trouble);
    }
  }

  #say(trouble: JournalTrouble): void {
    try {
      this.#tell(trouble);
    } catch {
      // Whoever listens has no part in what is written.
    }
  }
}

function sentence(error: unknown): string {
  return errorMessage(error).replace(/\.?$/, '.');
}
