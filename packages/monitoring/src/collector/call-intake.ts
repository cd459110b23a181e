import { estimateBytes } from '../engine/row-size.ts';
import type { StreamIdentity } from '../format/blob-path.ts';
import type { Cell } from '../format/csv-encode.ts';
import type { RowSchema } from '../rows/row-schema.ts';
import { RowSchemas } from '../rows/row-schemas.ts';
import { type InputShape, shapeRows } from '../rows/shape-rows.ts';
import { CallNumbers, type CallPlace, type Correlations, checkCorrelations, correlate } from './correlations.ts';
import type { CollectOptions } from './receipt.ts';

/** A call that is copied and checked: complete rows, ready to be taken as a whole. */
export interface PreparedCall {
  /** Their columns. */
  readonly schema: RowSchema;
  /** Features, then the correlation columns. */
  readonly rows: Cell[][];
  /** What ties them to other calls. */
  readonly correlations: Correlations;
  /** About how many bytes they will be. */
  readonly bytes: number;
}

/** The first step of a row: shaped by the collector's features, copied, and given its ids. */
export class CallIntake {
  readonly #place: CallPlace;
  readonly #schemas: RowSchemas;
  readonly #numbers = new CallNumbers();

  /**
   * @param stream What the rows are called.
   * @param featureNames Names of the features, when the caller gave them.
   */
  constructor(stream: StreamIdentity, featureNames: readonly string[] | undefined) {
    this.#place = { model: `${stream.modelName}/${stream.modelVersion}`, designation: stream.designation };
    this.#schemas = new RowSchemas(featureNames);
  }

  /** Finds what the call is tied to; see {@link correlate}. */
  correlate(options: CollectOptions, now: number): Correlations {
    return correlate(this.#place, this.#numbers, options, now);
  }

  /**
   * Copies the rows.
   *
   * @throws InvalidRows when the input is not rows, or an id cannot be stored.
   */
  prepare(input: unknown, shape: InputShape, correlations: Correlations): PreparedCall {
    const { schema, rows } = shapeRows(input, this.#schemas, shape);
    checkCorrelations(correlations, rows.length);
    const { correlationId, userCorrelationId, scoringTimestamp, requestId } = correlations;
    for (const [index, row] of rows.entries()) {
      const own = typeof userCorrelationId === 'object' ? userCorrelationId[index] : userCorrelationId;
      row.push(correlationId, own, scoringTimestamp, requestId);
    }
    return { schema, rows, correlations, bytes: estimateBytes(rows) };
  }
}
