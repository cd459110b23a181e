import type { JoinSummary } from '../join-summary.ts';
import { MAX_IDS } from '../join-summary.ts';

/** What became of rows and labels; complete once the iteration has ended. */
export interface LabelSummary {
  /** What became of the inputs and predictions before; `null` when rows of one stream were labelled. */
  readonly join: JoinSummary | null;
  /** Rows that were looked at: each is in `labelled` or `rowsWithoutLabel`. */
  readonly rows: number;
  /** Rows that got a label. */
  readonly labelled: number;
  /** Rows without a label, those without an id among them. */
  readonly rowsWithoutLabel: number;
  /** Rows that have no id to look for. */
  readonly rowsWithoutId: number;
  /** Labels that were read: each is in `labelsUsed`, `labelsWithoutRow`, `labelsWithoutId` or `duplicateLabels`. */
  readonly labels: number;
  /** Labels that at least one row got. */
  readonly labelsUsed: number;
  /** Labels whose id no row has. */
  readonly labelsWithoutRow: number;
  /** Labels without an id. */
  readonly labelsWithoutId: number;
  /** Labels left out because another one of the same id counts. */
  readonly duplicateLabels: number;
  /** The first 100 ids of each kind; `onOrphan` and `onDuplicate` tell of all. */
  readonly ids: {
    readonly rowsWithoutLabel: readonly string[];
    readonly labelsWithoutRow: readonly string[];
    readonly duplicateLabels: readonly string[];
  };
}

/** Counts while labels are joined. */
export class LabelCounts {
  labelled = 0;
  rowsWithoutLabel = 0;
  rowsWithoutId = 0;
  labels = 0;
  labelsUsed = 0;
  labelsWithoutRow = 0;
  labelsWithoutId = 0;
  duplicateLabels = 0;
  readonly #ids = {
    rowsWithoutLabel: new Set<string>(),
    labelsWithoutRow: new Set<string>(),
    duplicateLabels: new Set<string>(),
  };

  /** Names an id, when few of its kind have been named. */
  note(kind: keyof LabelSummary['ids'], id: string): void {
    if (this.#ids[kind].size < MAX_IDS) {
      this.#ids[kind].add(id);
    }
  }

  /** The counts so far. */
  snapshot(join: JoinSummary | null): LabelSummary {
    const { rowsWithoutLabel, labelsWithoutRow, duplicateLabels } = this.#ids;
    return {
      join,
      rows: this.labelled + this.rowsWithoutLabel,
      labelled: this.labelled,
      rowsWithoutLabel: this.rowsWithoutLabel,
      rowsWithoutId: this.rowsWithoutId,
      labels: this.labels,
      labelsUsed: this.labelsUsed,
      labelsWithoutRow: this.labelsWithoutRow,
      labelsWithoutId: this.labelsWithoutId,
      duplicateLabels: this.duplicateLabels,
      ids: {
        rowsWithoutLabel: [...rowsWithoutLabel],
        labelsWithoutRow: [...labelsWithoutRow],
        duplicateLabels: [...duplicateLabels],
      },
    };
  }
}
