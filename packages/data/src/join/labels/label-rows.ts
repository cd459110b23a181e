import { AzuremlError } from '@azureml-ts/common';
import type { JoinedRow } from '../join-summary.ts';
import type { SourceWatch } from '../source-watch.ts';
import { LabelIndex } from './label-index.ts';
import type { JoinLabelsOptions, LabelSource } from './label-options.ts';
import type { LabelCounts } from './label-summary.ts';
import { idText, readLabels } from './read-labels.ts';

/** A row, and what became known of it later. */
export interface LabelledRow<T extends object | null, U extends object | null, L extends object | null>
  extends JoinedRow<T, U> {
  /** The label of the row's id. */
  readonly label: L;
}

type AnyRow = JoinedRow<object | null, object | null>;

/**
 * Puts labels to rows, in the order of the rows.
 *
 * @throws AzuremlError `COLUMN_NOT_FOUND` when no row has the feature that is to be compared.
 */
export async function* labelRows(
  rows: AsyncIterable<AnyRow>,
  labels: LabelSource<object>,
  options: JoinLabelsOptions,
  counts: LabelCounts,
  watch: SourceWatch | undefined,
): AsyncGenerator<LabelledRow<object | null, object | null, object | null>, void, undefined> {
  const { on = '', how = 'inner', onOrphan, abortSignal } = options;
  const rowId = options.rowId ?? (on === 'correlationId' || on === 'requestId' ? on : 'userCorrelationId');
  const index = new LabelIndex();
  await index.fill(readLabels(labels, options, watch), options, counts);
  const ids = new RowIds(rowId);
  for await (const row of rows) {
    abortSignal?.throwIfAborted();
    const id = ids.of(row);
    const label = id === '' ? undefined : index.take(id, row.position, counts);
    if (label !== undefined) {
      counts.labelled += 1;
      yield { ...row, label };
      continue;
    }
    counts.rowsWithoutLabel += 1;
    counts.rowsWithoutId += id === '' ? 1 : 0;
    counts.note('rowsWithoutLabel', id);
    onOrphan?.({ side: 'row', id, correlationId: row.correlationId, position: row.position });
    if (how === 'left') {
      yield { ...row, label: null };
    }
  }
  ids.check();
  for (const id of index.unused()) {
    counts.labelsWithoutRow += 1;
    counts.note('labelsWithoutRow', id);
    onOrphan?.({ side: 'label', id, correlationId: undefined, position: undefined });
  }
}

/** Finds the ids of rows. */
class RowIds {
  readonly #name: string;
  #names: string[] | undefined;
  #isKnown = false;

  constructor(name: string) {
    this.#name = name;
  }

  of(row: AnyRow): string {
    switch (this.#name) {
      case 'userCorrelationId':
      case 'correlationId':
      case 'requestId':
        this.#isKnown = true;
        return row[this.#name] ?? '';
      default: {
        const side = [row.left, row.right].find((features) => features !== null && Object.hasOwn(features, this.#name));
        this.#isKnown ||= side !== undefined;
        this.#names ??= [row.left, row.right].flatMap((features) => Object.keys(features ?? {}));
        return idText((side ?? {}) as Record<string, unknown>, this.#name);
      }
    }
  }

  check(): void {
    if (!this.#isKnown && this.#names !== undefined) {
      throw new AzuremlError(
        'COLUMN_NOT_FOUND',
        `No row has the feature "${this.#name}" that labels are looked for by. The rows have: ${this.#names.join(', ')}. Check rowId.`,
        { details: { column: this.#name, columns: this.#names } },
      );
    }
  }
}
