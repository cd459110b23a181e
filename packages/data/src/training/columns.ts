import { AzuremlError } from '@azureml-ts/common';
import type { LabelledRow } from '../join/labels/label-rows.ts';
import type { ColumnType } from '../rows/column-batch.ts';
import { CellColumn, type TrainingCell } from './cell-column.ts';
import type { TrainingColumn, TrainingColumnSource, TrainingSetOptions } from './training-options.ts';

/** A joined row, labelled or not. */
export type AnyRow = Omit<LabelledRow<object | null, object | null, object | null>, 'label'> & {
  readonly label?: object | null;
};

/** A column that is written. */
export interface PlannedColumn {
  /** Its name in the training set. */
  readonly name: string;
  readonly type: ColumnType;
  readonly from: TrainingColumnSource;
  /** Its name where it comes from. */
  readonly sourceName: string;
  /** Its place among the cells of a row that was put aside; a shorter row has nothing there. */
  readonly index: number;
  /** See {@link CellColumn.isWhole}. */
  readonly isWhole: boolean;
}

interface Known {
  readonly from: TrainingColumnSource;
  readonly name: string;
  readonly index: number;
  readonly cells: CellColumn;
}

const CALL = [
  'correlationId',
  'position',
  'userCorrelationId',
  'scoringTimestamp',
  'requestId',
  'modelVersion',
] as const;
/** Where a name without source is looked for; also the order of the columns that nobody named. */
const ORDER: readonly TrainingColumnSource[] = ['left', 'right', 'label', 'call'];

/** The columns that the rows have, found while they pass. */
export class Columns {
  readonly #bySource = new Map<TrainingColumnSource, Map<string, Known>>(ORDER.map((from) => [from, new Map()]));
  #count = 0;

  /** Takes the cells out of a row. */
  cellsOf(row: AnyRow): TrainingCell[] {
    const cells: TrainingCell[] = new Array(this.#count).fill(null);
    for (const name of CALL) {
      this.#put(cells, 'call', name, row[name]);
    }
    for (const from of ['left', 'right', 'label'] as const) {
      for (const [name, value] of Object.entries(row[from] ?? {})) {
        this.#put(cells, from, name, value);
      }
    }
    return cells;
  }

  /**
   * Decides what is written.
   *
   * @param labelId Name of the label's column that holds its id.
   * @throws AzuremlError `TRAINING_SET_COLUMN` when a column is missing, or two have one name.
   */
  plan(options: TrainingSetOptions, labelId: string | null): PlannedColumn[] {
    const chosen = (options.columns ?? this.#all(options, labelId)).map((column) => {
      const wanted: TrainingColumn = typeof column === 'string' ? { name: column } : column;
      return { known: this.#find(wanted), as: wanted.as ?? wanted.name };
    });
    const labels = this.#labels(labelId);
    const planned = chosen.map(({ known: { from, name, index, cells }, as }) => ({
      name:
        from === 'label' && options.labelColumn !== undefined && labels[0]?.name === name ? options.labelColumn : as,
      type: cells.type,
      from,
      sourceName: name,
      index,
      isWhole: cells.isWhole,
    }));
    if (options.labelColumn !== undefined && labels.length !== 1) {
      throw fault(
        `labelColumn names one column, but the labels have ${labels.length} besides their id${labels.length === 0 ? '' : `: ${labels.map(({ name }) => name).join(', ')}`}. Choose one with the columns of joinLabels, or name them in columns.`,
      );
    }
    const names = planned.map(({ name }) => name);
    const repeated = planned.find(({ name }, index) => names.indexOf(name) !== index);
    if (repeated !== undefined) {
      const sources = planned.filter(({ name }) => name === repeated.name).map(({ from }) => from);
      throw fault(
        `Two columns would be called "${repeated.name}" (${sources.join(' and ')}). Name the columns and rename one: { from: '${repeated.from}', name: '${repeated.sourceName}', as: '...' }.`,
      );
    }
    return planned;
  }

  #all({ callColumns = false }: TrainingSetOptions, labelId: string | null): TrainingColumn[] {
    const of = (from: TrainingColumnSource) => [...(this.#bySource.get(from)?.values() ?? [])];
    return [...(callColumns ? of('call') : []), ...of('left'), ...of('right'), ...this.#labels(labelId)];
  }

  #labels(labelId: string | null): Known[] {
    return [...(this.#bySource.get('label')?.values() ?? [])].filter(({ name }) => name !== labelId);
  }

  #find({ from, name }: TrainingColumn): Known {
    for (const source of from === undefined ? ORDER : [from]) {
      const known = this.#bySource.get(source)?.get(name);
      if (known !== undefined) {
        return known;
      }
    }
    const there = ORDER.flatMap((source) => [...(this.#bySource.get(source)?.keys() ?? [])]);
    throw fault(
      `There is no column "${name}"${from === undefined ? '' : ` in ${from}`}. The rows have: ${there.join(', ')}. Check columns.`,
    );
  }

  #put(cells: TrainingCell[], from: TrainingColumnSource, name: string, value: unknown): void {
    const group = this.#bySource.get(from);
    let known = group?.get(name);
    if (known === undefined) {
      known = { from, name, index: this.#count, cells: new CellColumn() };
      this.#count += 1;
      group?.set(name, known);
    }
    cells[known.index] = known.cells.add(value);
  }
}

function fault(message: string): AzuremlError {
  return new AzuremlError('TRAINING_SET_COLUMN', message);
}
