import { CORRELATION_COLUMNS } from '@azureml-ts/monitoring/format';
import type { FileColumns } from '../rows/file-columns.ts';

const QUOTE = 0x22;

/**
 * The columns of the rows so far: those of all records of a file up to here, in the order in which they first appeared,
 * then the four columns of the call.
 */
export class JsonColumns implements FileColumns {
  readonly names: readonly string[];
  readonly hasHeader = false;
  readonly dialect = 'json';
  /** Number of the features; the columns of the call follow them. */
  readonly featureCount: number;
  readonly #places: ReadonlyMap<string, number>;
  readonly #keys: readonly Buffer[];

  /** @param features Names of the features. */
  constructor(features: readonly string[] = []) {
    this.featureCount = features.length;
    this.names = [...features, ...CORRELATION_COLUMNS];
    this.#places = new Map(this.names.map((name, index) => [name, index]));
    this.#keys = this.names.map((name) => Buffer.from(name));
  }

  /** The same with more features behind those that are known. */
  with(more: readonly string[]): JsonColumns {
    return new JsonColumns([...this.names.slice(0, this.featureCount), ...more]);
  }

  /** Whether a column is known. */
  has(name: string): boolean {
    return this.#places.has(name);
  }

  /**
   * Finds the column of a name where it stands; -1 when it is none.
   *
   * @param expected Where it is most likely: rows have their columns in the same order.
   */
  find(bytes: Uint8Array, start: number, stop: number, expected: number): number {
    const key = this.#keys[expected];
    if (key !== undefined && bytes[start] !== QUOTE && isSame(key, bytes, start, stop)) {
      return expected;
    }
    return this.#places.get(nameAt(bytes, start, stop)) ?? -1;
  }
}

/** The text of a name: with its quotes when it has escapes. */
export function nameAt(bytes: Uint8Array, start: number, stop: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString();
  // Behind an empty name stands its closing quote.
  return start < stop && bytes[start] === QUOTE ? (JSON.parse(text) as string) : text;
}

function isSame(key: Buffer, bytes: Uint8Array, start: number, stop: number): boolean {
  if (key.length !== stop - start) {
    return false;
  }
  for (let index = 0; index < key.length; index += 1) {
    if (key[index] !== bytes[start + index]) {
      return false;
    }
  }
  return true;
}
