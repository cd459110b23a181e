import { MAX_APPEND_BYTES } from '../engine/row-buffer.ts';
import { estimateBytes } from '../engine/row-size.ts';
import type { StreamIdentity } from '../format/blob-path.ts';
import type { Cell } from '../format/csv-encode.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
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

function correlationBytes({
  correlationId,
  userCorrelationId,
  scoringTimestamp,
  requestId = '',
}: Correlations): number {
  const own = typeof userCorrelationId === 'object' ? userCorrelationId[0] : userCorrelationId;
  return Buffer.byteLength(`${correlationId}${own ?? ''}${scoringTimestamp}${requestId}`) + 4;
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
    const { correlationId, correlations } = options;
    return correlate(
      this.#place,
      this.#numbers,
      {
        // Callers without types often have numbers for ids, and null for none.
        correlationId: typeof correlationId === 'number' ? String(correlationId) : (correlationId ?? undefined),
        correlations: correlations ?? undefined,
      },
      now,
    );
  }

  /**
   * Copies the rows.
   *
   * @throws InvalidRows when the input is not rows, or an id cannot be stored.
   */
  prepare(input: unknown, shape: InputShape, given: Correlations, isOwnId: boolean): PreparedCall {
    const { schema, rows } = shapeRows(input, this.#schemas, shape);
    // The ids of the inputs' rows say nothing about predictions of another number.
    const isForOthers =
      !isOwnId && Array.isArray(given.userCorrelationId) && given.userCorrelationId.length !== rows.length;
    const correlations = isForOthers ? { ...given, userCorrelationId: undefined } : given;
    checkCorrelations(correlations, rows.length);
    const bytes = estimateBytes(rows);
    if (bytes > MAX_APPEND_BYTES) {
      throw new InvalidRows(
        rows.length,
        `one call of about ${bytes} bytes is more than one append can hold (${MAX_APPEND_BYTES}); divide it into several calls`,
      );
    }
    const { correlationId, userCorrelationId, scoringTimestamp, requestId } = correlations;
    for (const [index, row] of rows.entries()) {
      const own = typeof userCorrelationId === 'object' ? userCorrelationId[index] : userCorrelationId;
      row.push(correlationId, own, scoringTimestamp, requestId);
    }
    // The texts of the correlation columns are shared by all rows, but each line has them.
    return { schema, rows, correlations, bytes: bytes + rows.length * correlationBytes(correlations) };
  }
}
