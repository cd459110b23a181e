import { ESCAPED, PLAIN, RAGGED } from '../scan/record-block.ts';
import type { Column } from './column-batch.ts';
import type { ColumnMemory } from './column-memory.ts';
import type { ColumnPlan, ColumnWriter, RowCells } from './column-writer.ts';
import { LazyTextColumn } from './text-column.ts';

const QUOTE = 0x22;
/** Texts that are longer are copied by the runtime; a call costs more than a short text. */
const SHORT_TEXT = 48;
/** A byte that is no UTF-8 becomes three. */
const MAX_GROWTH = 3;
const FIRST_BYTES = 4096;

/** What a batch is written to. */
interface Room {
  readonly offsets: Int32Array<ArrayBuffer>;
  bytes: Buffer<ArrayBuffer>;
  wide: Uint8Array<ArrayBuffer> | undefined;
}

/** A column of texts, kept as bytes. */
export class TextWriter implements ColumnWriter {
  readonly #plan: ColumnPlan;
  readonly #batchRows: number;
  readonly #memory: ColumnMemory;
  #room: Room | undefined;
  #used = 0;
  /** About as many bytes are needed as the last time. */
  #firstBytes = FIRST_BYTES;

  /** @param batchRows Most rows of a batch. */
  constructor(plan: ColumnPlan, batchRows: number, memory: ColumnMemory) {
    this.#plan = plan;
    this.#batchRows = batchRows;
    this.#memory = memory;
  }

  /** Bytes of the texts so far. */
  get byteLength(): number {
    return this.#used;
  }

  /** See {@link ColumnWriter.write}. */
  write({ block, firstCells, count }: RowCells, at: number): number {
    const { index, textOf } = this.#plan;
    const { starts, ends, kinds, bytes } = block;
    const room = this.#begin();
    const { offsets } = room;
    // Bytes that are no UTF-8 would be handed on to engines as they are: they become what decoding makes of them.
    const isValid = block.isUtf8;
    let target = room.bytes;
    let used = offsets[at] as number;
    for (let row = 0; row < count; row += 1) {
      const cell = (firstCells[row] as number) + index;
      const start = starts[cell] as number;
      const end = ends[cell] as number;
      const kind = kinds[cell] as number;
      const length = end - start;
      if (used + length * MAX_GROWTH > target.length) {
        target = this.#grow(room, used, length * MAX_GROWTH);
      }
      const isWide = kind !== PLAIN;
      if (kind === RAGGED || textOf !== undefined || (isWide && !isValid)) {
        const text = block.ownText(cell);
        used += target.write(textOf === undefined ? text : textOf(text), used);
      } else if (kind === ESCAPED) {
        for (let from = start + 1; from < end - 1; from += 1) {
          const code = bytes[from] as number;
          target[used] = code;
          used += 1;
          // Of a doubled quote, one.
          from += code === QUOTE ? 1 : 0;
        }
      } else if (length <= SHORT_TEXT) {
        for (let from = start; from < end; from += 1) {
          target[used] = bytes[from] as number;
          used += 1;
        }
      } else {
        bytes.copy(target, used, start, end);
        used += length;
      }
      if (isWide || room.wide !== undefined) {
        room.wide ??= new Uint8Array(this.#memory.take(this.#batchRows)).fill(0);
        room.wide[at + row] = isWide ? 1 : 0;
      }
      offsets[at + row + 1] = used;
    }
    this.#used = used;
    return 0;
  }

  /** See {@link ColumnWriter.take}. */
  take(rowCount: number): Column {
    const { offsets, bytes, wide } = this.#begin();
    const used = offsets[rowCount] as number;
    this.#room = undefined;
    this.#used = 0;
    this.#firstBytes = bytes.length;
    const offsetsEnd = (rowCount + 1) * Int32Array.BYTES_PER_ELEMENT;
    const utf8 = {
      offsets: new Int32Array(this.#memory.hand(offsets.buffer, offsetsEnd), 0, rowCount + 1),
      bytes: new Uint8Array(this.#memory.hand(bytes.buffer, used), 0, used),
    };
    const given = wide === undefined ? undefined : this.#memory.hand(wide.buffer, rowCount);
    return new LazyTextColumn(
      this.#plan.name,
      utf8,
      given === undefined ? undefined : new Uint8Array(given, 0, rowCount),
    );
  }

  #begin(): Room {
    if (this.#room === undefined) {
      const offsets = new Int32Array(this.#memory.take((this.#batchRows + 1) * Int32Array.BYTES_PER_ELEMENT));
      offsets[0] = 0;
      this.#room = { offsets, bytes: Buffer.from(this.#memory.take(this.#firstBytes)), wide: undefined };
    }
    return this.#room;
  }

  #grow(room: Room, used: number, length: number): Buffer<ArrayBuffer> {
    let bytes = room.bytes.length * 2;
    while (bytes < used + length) {
      bytes *= 2;
    }
    const larger = Buffer.from(this.#memory.take(bytes));
    room.bytes.copy(larger, 0, 0, used);
    this.#memory.giveBack(room.bytes.buffer);
    room.bytes = larger;
    return larger;
  }
}
