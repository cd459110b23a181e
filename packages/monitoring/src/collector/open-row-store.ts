import os from 'node:os';
import type { Clock } from '@azureml-ts/common';
import type { StreamIdentity } from '../format/blob-path.ts';
import type { Journal } from '../journal/journal-types.ts';
import { defaultJournalDirectory, RowJournal } from '../journal/row-journal.ts';
import { openSink } from '../sinks/open-sink.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import type { StorageTarget } from '../storage/storage-target.ts';
import type { CallIntake } from './call-intake.ts';
import type { CollectorReport } from './collector-report.ts';
import type { LedgerBook } from './ledger-book.ts';
import type { ModelDataCollectorOptions } from './options.ts';
import { RowStore } from './row-store.ts';
import type { Statistics } from './statistics.ts';
import type { CollectorLimits } from './validate-options.ts';

const MAX_JOURNAL_BYTES = 268_435_456;

/** What {@link openRowStore} puts together. */
export interface RowStoreParts {
  /** Where rows go. */
  readonly storage: StorageTarget | RowSink;
  /** The collector's options, checked. */
  readonly options: ModelDataCollectorOptions;
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** Sizes and times. */
  readonly limits: CollectorLimits;
  /** Gives the calls their numbers. */
  readonly intake: CallIntake;
  /** Gets the numbers. */
  readonly statistics: Statistics;
  /** Gets the numbers by day. */
  readonly book: LedgerBook;
  /** Says what is wrong. */
  readonly report: CollectorReport;
  /** The time. */
  readonly clock: Clock;
}

/** Makes what keeps a collector's rows, from its options and the environment. Nothing is opened yet. */
export function openRowStore(parts: RowStoreParts): RowStore {
  const { storage, options, stream, limits, intake, statistics, book, report, clock } = parts;
  const sink = isSink(storage)
    ? storage
    : openSink(storage, { blobType: options.blobType ?? 'append', instance: instanceOf(options) });
  return new RowStore({
    sink,
    stream,
    limits,
    onFull: options.onFull ?? 'dropNewest',
    journal: openJournal(sink, parts),
    writer: intake.writer,
    lastCall: () => intake.lastNumber,
    statistics,
    book,
    report,
    clock,
  });
}

/** Tells a store of the caller's own from a storage target. */
export function isSink(storage: StorageTarget | RowSink): storage is RowSink {
  return 'append' in storage;
}

function openJournal(
  sink: RowSink,
  { storage, options, stream, intake, report, clock }: RowStoreParts,
): Journal | undefined {
  const setting = process.env['AML_MODEL_DC_JOURNAL']?.trim() ?? '';
  const isOff = /^(false|off|0)$/i.test(setting);
  // What a store of the caller's own makes of rows of another process, only its author knows.
  const journal = options.journal ?? (isOff ? false : !isSink(storage));
  if (journal === false) {
    return undefined;
  }
  const given = journal === true ? {} : journal;
  return new RowJournal({
    directory: given.directory ?? (setting === '' || isOff ? defaultJournalDirectory() : setting),
    maxBytes: given.maxBytes ?? MAX_JOURNAL_BYTES,
    storage: sink.name,
    writer: intake.writer,
    stream,
    clock,
    onTrouble: (trouble) => report.journalTrouble(trouble),
  });
}

function instanceOf({ filePerReplica }: ModelDataCollectorOptions): string | undefined {
  if (typeof filePerReplica === 'string') {
    return filePerReplica;
  }
  return filePerReplica === true ? process.env['HOSTNAME'] || os.hostname() : undefined;
}
