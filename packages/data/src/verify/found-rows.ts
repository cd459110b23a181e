import type { UtcDay } from '@azureml-ts/monitoring/format';
import { CallBits } from './call-bits.ts';
import type { CallNumberRun } from './finding.ts';
import { IdSet } from './id-set.ts';
import { Places } from './places.ts';

/** An id that a collector gives: its writer, and a sequence without gaps. */
const COLLECTED_ID = /^([A-Za-z0-9]{12})-([1-9]\d{0,14})$/;

/** Rows of one day with ids of one writer. */
export class WriterRows {
  rows = 0;
  /** Different calls, each where it was met first. */
  calls = 0;
  /** Times that rows of a call stand in a further place. */
  duplicates = 0;
  /** Rows of calls that the writer has given up, because no answer of the store came. */
  givenUpRows = 0;
  lowest = Number.POSITIVE_INFINITY;
  highest = 0;
}

/** Rows of calls that were met before, in one file. */
export interface RepeatedCalls {
  readonly path: string;
  /** The writer whose ids they are; `undefined` for ids that no collector gives. */
  readonly writer: string | undefined;
  readonly places: Places;
  rows: number;
}

/** The rows of one day. */
export class DayRows {
  rows = 0;
  readonly writers = new Map<string, WriterRows>();
  readonly repeated = new Map<string, RepeatedCalls>();
}

/** Looks up which calls a writer has given up on a day: their rows may be stored all the same. */
export type GivenUpCalls = (day: UtcDay, writer: string) => readonly CallNumberRun[];

/**
 * Counts the rows of a stream by day and writer, and remembers which calls were met: a bit for each, whatever the number
 * of rows.
 */
export class FoundRows {
  readonly days = new Map<UtcDay, DayRows>();
  /** By writer: the numbers of the calls that were met, on any day. */
  readonly calls = new Map<string, CallBits>();
  readonly #otherIds = new IdSet();
  readonly #givenUp: GivenUpCalls;

  /** @param givenUp Which calls may be stored although they were given up. */
  constructor(givenUp: GivenUpCalls) {
    this.#givenUp = givenUp;
  }

  /** The rows of a day. */
  day(day: UtcDay): DayRows {
    let rows = this.days.get(day);
    if (rows === undefined) {
      rows = new DayRows();
      this.days.set(day, rows);
    }
    return rows;
  }

  /** Takes the rows of a file, one after the other. */
  file(path: string, day: UtcDay): (callId: string, record: number, byteOffset: number) => void {
    const found = this.day(day);
    let id = '';
    let writerName: string | undefined;
    let writer: WriterRows | undefined;
    let givenUp: readonly CallNumberRun[] = [];
    let isGivenUp = false;
    let repetition: RepeatedCalls | undefined;
    return (callId, record, byteOffset) => {
      found.rows += 1;
      if (callId !== id) {
        id = callId;
        const parts = COLLECTED_ID.exec(callId);
        const name = parts?.[1];
        const number = Number(parts?.[2]);
        if (name !== writerName) {
          writerName = name;
          writer = name === undefined ? undefined : writerOf(found, name);
          givenUp = name === undefined ? [] : this.#givenUp(day, name);
        }
        const isNew = callId === '' || this.#meet(callId, name, number, writer);
        repetition = isNew ? undefined : repetitionOf(found, path, name);
        repetition?.places.add(record, byteOffset, callId);
        isGivenUp = givenUp.length > 0 && givenUp.some(({ first, last }) => number >= first && number <= last);
      }
      if (writer !== undefined) {
        writer.rows += 1;
        writer.givenUpRows += isGivenUp ? 1 : 0;
      }
      if (repetition !== undefined) {
        repetition.rows += 1;
      }
    };
  }

  /** Tells whether a call is new. */
  #meet(id: string, name: string | undefined, number: number, writer: WriterRows | undefined): boolean {
    if (name === undefined || writer === undefined) {
      return this.#otherIds.add(id);
    }
    let bits = this.calls.get(name);
    if (bits === undefined) {
      bits = new CallBits();
      this.calls.set(name, bits);
    }
    const isNew = bits.add(number);
    writer.calls += isNew ? 1 : 0;
    writer.duplicates += isNew ? 0 : 1;
    writer.lowest = Math.min(writer.lowest, number);
    writer.highest = Math.max(writer.highest, number);
    return isNew;
  }
}

function writerOf(found: DayRows, name: string): WriterRows {
  let writer = found.writers.get(name);
  if (writer === undefined) {
    writer = new WriterRows();
    found.writers.set(name, writer);
  }
  return writer;
}

function repetitionOf(found: DayRows, path: string, writer: string | undefined): RepeatedCalls {
  const key = `${writer ?? ''} ${path}`;
  let repeated = found.repeated.get(key);
  if (repeated === undefined) {
    repeated = { path, writer, places: new Places(), rows: 0 };
    found.repeated.set(key, repeated);
  }
  return repeated;
}
