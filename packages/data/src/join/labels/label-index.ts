import { AzuremlError } from '@azureml-ts/common';
import type { JoinLabelsOptions, LabelRecord } from './label-options.ts';
import type { LabelCounts } from './label-summary.ts';
import type { KeyedLabel } from './read-labels.ts';

interface Entry {
  label: LabelRecord;
  count: number;
  isUsed: boolean;
}

/** Labels by their id, all in memory. */
export class LabelIndex {
  readonly #entries = new Map<string, Entry>();
  /** Whether the place within the call belongs to the id. */
  #hasPositions = false;

  /**
   * Reads all labels.
   *
   * @throws AzuremlError `LABEL_DUPLICATE` when an id comes twice and that is an error; what the reading throws.
   */
  async fill(labels: AsyncIterable<KeyedLabel>, options: JoinLabelsOptions, counts: LabelCounts): Promise<void> {
    const { duplicates = 'last', onDuplicate } = options;
    for await (const { id, position, label } of labels) {
      counts.labels += 1;
      if (id === '') {
        counts.labelsWithoutId += 1;
        continue;
      }
      this.#hasPositions ||= position !== undefined;
      const key = keyOf(id, position);
      const known = this.#entries.get(key);
      if (known === undefined) {
        this.#entries.set(key, { label, count: 1, isUsed: false });
        continue;
      }
      if (duplicates === 'error') {
        throw new AzuremlError(
          'LABEL_DUPLICATE',
          `Two labels have the id "${id}". Keep one of them, or pass duplicates: 'last' or 'first'.`,
          { details: { id } },
        );
      }
      known.count += 1;
      counts.duplicateLabels += 1;
      counts.note('duplicateLabels', id);
      onDuplicate?.({ id, count: known.count });
      if (duplicates === 'last') {
        known.label = label;
      }
    }
  }

  /** The label of a row. */
  take(id: string, position: number, counts: LabelCounts): LabelRecord | undefined {
    const entry = this.#entries.get(keyOf(id, this.#hasPositions ? position : undefined));
    if (entry !== undefined && !entry.isUsed) {
      entry.isUsed = true;
      counts.labelsUsed += 1;
    }
    return entry?.label;
  }

  /** Ids of the labels that no row took. */
  *unused(): Generator<string, void, undefined> {
    for (const [key, { isUsed }] of this.#entries) {
      if (!isUsed) {
        yield this.#hasPositions ? key.slice(0, key.lastIndexOf('\n')) : key;
      }
    }
  }
}

function keyOf(id: string, position: number | undefined): string {
  return position === undefined ? id : `${id}\n${position}`;
}
