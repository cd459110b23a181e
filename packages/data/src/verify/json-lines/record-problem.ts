import type { CollectedFile } from '../../files/collected-file.ts';
import { counted, type FindingCode, type FindingDraft, type FindingSeverity } from '../finding.ts';
import { Places } from '../places.ts';

interface ProblemText {
  readonly severity: FindingSeverity;
  /** What is wrong, behind the number of the records. */
  readonly says: string;
  readonly advice: string;
}

const PROBLEMS = {
  BAD_RECORD: {
    severity: 'error',
    says: 'that cannot be read, of which nothing is counted',
    advice: 'Compare the file with a backup, and repair it.',
  },
  RECORD_TOO_LONG: {
    severity: 'error',
    says: 'with more than 64 MiB, which nobody reads',
    advice: 'Look at the file there, and repair it.',
  },
  DATAREF_FAILED: {
    severity: 'error',
    says: 'with rows in another blob that cannot be read',
    advice: 'Put the blob back, or take it from a backup.',
  },
  BAD_TIMESTAMP: {
    severity: 'error',
    says: 'with a time of scoring that cannot be read',
    advice: 'Compare the file with a backup, and repair it.',
  },
  // Azure does not say whether it files by arrival, and its monitor goes by the folders alone.
  ROW_OF_OTHER_DAY: {
    severity: 'warning',
    says: 'with a time of another day than that of the folder, which is the one that readers go by',
    advice: 'Around midnight that is one that came late; else it was put there by hand.',
  },
  ROW_WITHOUT_ID: {
    severity: 'warning',
    says: 'without the id of a call (correlationid), so that nothing can be joined with the rows',
    advice: 'The collector gave none, or it was taken out.',
  },
  DUPLICATE_RECORD: {
    severity: 'error',
    says: 'with an id that another record has too: no two have the same',
    advice: 'Lines or files were copied, or it was stored twice; take out what is there twice.',
  },
} as const satisfies Partial<Record<FindingCode, ProblemText>>;

/** What may be wrong with a record. */
export type RecordProblemCode = keyof typeof PROBLEMS | 'DUPLICATE_CALL';

/** One thing that is wrong with records of one file, and how many there are. */
export class RecordProblem {
  readonly #code: RecordProblemCode;
  readonly #places = new Places();
  #offset = -1;
  #reason: string | undefined;
  /** Rows of these records. */
  rows = 0;
  /** Whether what is there twice may have been collected so. */
  isHarmless = true;

  /** @param code What is wrong. */
  constructor(code: RecordProblemCode) {
    this.#code = code;
  }

  /**
   * Notes a record, once.
   *
   * @param call Its id, when that is what is wrong.
   * @param reason What exactly is wrong, as a sentence that says where.
   */
  note(record: number, byteOffset: number, call?: string, reason?: string): void {
    if (byteOffset !== this.#offset) {
      this.#offset = byteOffset;
      this.#reason ??= reason;
      this.#places.add(record, byteOffset, call);
    }
  }

  /** The finding. */
  finding({ path, day }: CollectedFile): FindingDraft {
    const code = this.#code;
    const { count, first, text } = this.#places;
    const id = first[0]?.call;
    const where = this.#reason ?? `The first is ${text}${id === undefined ? '' : `, with the id ${id}`}.`;
    const about = { code, day, path, counts: { records: count, rows: this.rows }, places: first };
    if (code === 'DUPLICATE_CALL') {
      return {
        ...about,
        severity: this.isHarmless ? 'warning' : 'error',
        message: `${counted(count, 'record')} of ${path} (${counted(this.rows, 'row')}) with the id of a call that another record has too. ${where} ${this.isHarmless ? 'The records have ids of their own, so rows were collected twice under one id: a join cannot tell them apart.' : 'Lines or files were copied, or rows were collected twice under one id; take out what is there twice.'}`,
      };
    }
    const { severity, says, advice } = PROBLEMS[code];
    return { ...about, severity, message: `${counted(count, 'record')} of ${path} ${says}. ${where} ${advice}` };
  }
}
