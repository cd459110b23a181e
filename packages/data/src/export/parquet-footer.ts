import { AzuremlError } from '@azureml-ts/common';

/** Types of fields in the compact protocol of Thrift. */
const TYPE = { true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, set: 10, struct: 12 };
/** Place of the number of rows in the structure at the end of a Parquet file. */
const NUM_ROWS_FIELD = 3;
/** Length of the footer and the word PAR1. */
const TRAILER_BYTES = 8;

/**
 * Reads how many rows a Parquet file says it has.
 *
 * @param end The last bytes of the file.
 * @returns The number; `undefined` when the footer begins before these bytes.
 * @throws AzuremlError `PARQUET_WRITE_FAILED` when they are not the end of a Parquet file.
 */
export function rowCountOf(end: Uint8Array): number | undefined {
  const view = new DataView(end.buffer, end.byteOffset, end.length);
  if (end.length < TRAILER_BYTES || Buffer.from(end.subarray(-4)).toString('latin1') !== 'PAR1') {
    throw new AzuremlError('PARQUET_WRITE_FAILED', 'The Parquet writer ended without a footer. Write the file again.');
  }
  const start = end.length - TRAILER_BYTES - view.getUint32(end.length - TRAILER_BYTES, true);
  return start < 0 ? undefined : new Reader(end, start).fieldOf(NUM_ROWS_FIELD);
}

/** Reads just enough of the compact protocol to pass over what is not asked for. */
class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** An integer field of the structure that begins here. */
  fieldOf(wanted: number): number | undefined {
    for (let id = 0; ; ) {
      const head = this.#byte();
      if (head === 0) {
        return undefined;
      }
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4);
      if (id === wanted) {
        return this.#zigzag();
      }
      this.#skip(head & 15, true);
    }
  }

  #skip(type: number, isField: boolean): void {
    switch (type) {
      case TYPE.true:
      case TYPE.false:
        this.#at += isField ? 0 : 1;
        return;
      case TYPE.byte:
        this.#at += 1;
        return;
      case TYPE.double:
        this.#at += 8;
        return;
      case TYPE.binary: {
        const length = this.#varint();
        this.#at += length;
        return;
      }
      case TYPE.list:
      case TYPE.set: {
        const head = this.#byte();
        const count = head >> 4 === 15 ? this.#varint() : head >> 4;
        for (let item = 0; item < count; item += 1) {
          this.#skip(head & 15, false);
        }
        return;
      }
      case TYPE.struct:
        for (let head = this.#byte(); head !== 0; head = this.#byte()) {
          if (head >> 4 === 0) {
            this.#varint();
          }
          this.#skip(head & 15, true);
        }
        return;
      default:
        this.#varint();
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) {
      throw new AzuremlError(
        'PARQUET_WRITE_FAILED',
        'The footer of the Parquet file ends early. Write the file again.',
      );
    }
    this.#at += 1;
    return byte;
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (byte < 128) {
        return value;
      }
    }
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
