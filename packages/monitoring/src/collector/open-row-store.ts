import os from 'node:os';
import type { Clock } from '@azureml-ts/common';
import type { StreamIdentity } from '../format/blob-path.ts';
import { isRouted } from '../python/python-route.ts';
import { openSink } from '../sinks/open-sink.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import type { StorageTarget } from '../storage/storage-target.ts';
import type { CollectorReport } from './collector-report.ts';
import type { Intake } from './intake.ts';
import type { LedgerBook } from './ledger-book.ts';
import { openJournal } from './open-journal.ts';
import type { ModelDataCollectorOptions } from './options.ts';
import { RowStore } from './row-store.ts';
import type { Statistics } from './statistics.ts';
import type { CollectorLimits } from './validate-options.ts';

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
  readonly intake: Intake;
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
  const opened = isSink(storage)
    ? storage
    : openSink(storage, {
        blobType: options.blobType ?? 'append',
        instance: instanceOf(options),
        onNameTaken: (path) => report.nameTaken(path),
      });
  // Their rows may belong to other streams, whose ledgers another collector keeps.
  const sink = options.layout === 'python-v1' && isRouted(stream.designation) ? withoutLedger(opened) : opened;
  return new RowStore({
    sink,
    stream,
    limits,
    onFull: options.onFull ?? 'dropNewest',
    journal: openJournal({
      setting: options.journal,
      // What a store of the caller's own makes of rows of another process, only its author knows.
      isJournaled: !isSink(storage),
      sink,
      stream,
      writer: intake.writer,
      report,
      clock,
    }),
    writer: intake.writer,
    lastCall: () => intake.lastNumber,
    statistics,
    book,
    report,
    clock,
  });
}

/** The same store, which takes no entries of a ledger. */
function withoutLedger(sink: RowSink): RowSink {
  const { name, appendTimeoutMs } = sink;
  return {
    name,
    ...(appendTimeoutMs === undefined ? {} : { appendTimeoutMs }),
    append: (batch, context) => sink.append(batch, context),
  };
}

/** Tells a store of the caller's own from a storage target. */
export function isSink(storage: StorageTarget | RowSink): storage is RowSink {
  return 'append' in storage;
}

function instanceOf({ filePerReplica }: ModelDataCollectorOptions): string | undefined {
  if (typeof filePerReplica === 'string') {
    return filePerReplica;
  }
  return filePerReplica === true ? process.env['HOSTNAME'] || os.hostname() : undefined;
}
