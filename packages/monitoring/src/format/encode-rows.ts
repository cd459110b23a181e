import { type Cell, encodeRow } from './csv-encode.ts';
import { type CellEncoder, LineWriter } from './line-writer.ts';

export type { CellEncoder } from './line-writer.ts';

/** The four correlation values of one row. */
export interface RowCorrelations {
  /** Id of the call. */
  readonly correlationId: string;
  /** The caller's own id. */
  readonly userCorrelationId: string | undefined;
  /** When the row was scored, ISO 8601 UTC. */
  readonly scoringTimestamp: string;
  /** Id of the HTTP request. */
  readonly requestId: string | undefined;
}

/** The rows of one call, before they are bytes: the features of each row, and what all rows share only once. */
export interface EncodableCall {
  /** The stored features of each row, in column order. */
  readonly rows: readonly (readonly Cell[])[];
  /** Id of the call. */
  readonly correlationId: string;
  /** The caller's own id: one for all rows, or one for each row. */
  readonly userCorrelationId: string | readonly string[] | undefined;
  /** When the rows were scored, ISO 8601 UTC. */
  readonly scoringTimestamp: string;
  /** Id of the HTTP request. */
  readonly requestId: string | undefined;
  /** One for each row, when the rows carry their own values: the four above are then not used. */
  readonly correlations?: readonly RowCorrelations[] | undefined;
}

/** Lines as bytes. */
export interface EncodedLines {
  /**
   * The lines in order. A piece has at most 64 KiB (only one long cell makes a longer one), ends anywhere between two
   * cells, and has memory of its own of exactly its size.
   */
  readonly pieces: Buffer[];
  /** Bytes of all pieces. */
  readonly byteLength: number;
  /** Number of lines. */
  readonly rowCount: number;
}

/**
 * Turns the rows of calls into lines: the features of each row, then its four correlation columns.
 *
 * Half of a surrogate pair, which UTF-8 cannot hold, becomes U+FFFD.
 *
 * @param calls The calls, in order.
 * @param encoders How the cells of each column become text; `undefined` stands for `encodeCell`.
 */
export function encodeCalls(
  calls: readonly EncodableCall[],
  encoders?: readonly (CellEncoder | undefined)[],
): EncodedLines {
  const writer = new LineWriter();
  let rowCount = 0;
  for (const call of calls) {
    const { rows } = call;
    const shared = sharedCells(call);
    // Without an iterator: most calls have one row.
    for (let index = 0; index < rows.length; index += 1) {
      writer.cells(rows[index] ?? [], encoders);
      if (shared === undefined) {
        writer.cells(correlationCells(call, index));
      } else {
        writer.encodedCells(shared);
      }
      writer.endLine();
    }
    rowCount += rows.length;
  }
  return { ...writer.end(), rowCount };
}

/**
 * Turns complete rows into lines.
 *
 * The bytes are those of csv-stringify with `record_delimiter: '\n'`, `quoted_match: /\r/` and a cast for each type, in
 * UTF-8: half of a surrogate pair, which UTF-8 cannot hold, becomes U+FFFD.
 *
 * @param rows The cells of each row.
 * @returns The lines in order.
 * @example
 * ```ts
 * import { encodeRows } from '@azureml-ts/monitoring/format';
 *
 * const lines = encodeRows([
 *   ['age', 'city'],
 *   [59, 'Paris, France'],
 * ]);
 * console.log(lines.toString()); // age,city and 59,"Paris, France"
 * ```
 */
export function encodeRows(rows: readonly (readonly Cell[])[]): Buffer {
  const writer = new LineWriter();
  for (const row of rows) {
    writer.cells(row);
    writer.endLine();
  }
  const { pieces } = writer.end();
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

/** The correlation columns as they stand on every line of the call; `undefined` when its lines differ or it has only one. */
function sharedCells(call: EncodableCall): Buffer | undefined {
  const isSame = call.rows.length > 1 && call.correlations === undefined && typeof call.userCorrelationId !== 'object';
  return isSame ? Buffer.from(encodeRow(correlationCells(call, 0)).slice(0, -1)) : undefined;
}

function correlationCells(call: EncodableCall, index: number): Cell[] {
  const { correlationId, userCorrelationId: own, scoringTimestamp, requestId } = call.correlations?.[index] ?? call;
  return [correlationId, typeof own === 'object' ? own[index] : own, scoringTimestamp, requestId];
}
