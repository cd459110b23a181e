import type { Clock } from '@azureml-ts/common';
import type { CollectorReport } from '../collector/collector-report.ts';
import { CallNumbers } from '../collector/correlations.ts';
import { LedgerBook } from '../collector/ledger-book.ts';
import { openJournal } from '../collector/open-journal.ts';
import { RowStore } from '../collector/row-store.ts';
import type { Statistics } from '../collector/statistics.ts';
import type { CollectorOptions } from './collector-options.ts';
import type { OpenedSink } from './open-collector-sink.ts';

const MAX_BUFFER_BYTES = 33_554_432;

/** Parts of {@link openRecordStore}. */
export interface RecordStoreParts {
  readonly opened: OpenedSink;
  readonly options: CollectorOptions;
  readonly statistics: Statistics;
  readonly report: CollectorReport;
  readonly clock: Clock;
}

/** Makes what keeps a collector's records until they are delivered. Nothing is opened yet. */
export function openRecordStore({ opened, options, statistics, report, clock }: RecordStoreParts): RowStore {
  const { sink, stream, isJournaled } = opened;
  const { writer } = new CallNumbers();
  return new RowStore({
    sink,
    stream,
    limits: {
      flushIntervalMs: options.flushIntervalMs ?? opened.flushIntervalMs,
      maxBatchBytes: options.maxBatchBytes ?? opened.maxBatchBytes,
      maxBufferBytes: options.maxBufferBytes ?? MAX_BUFFER_BYTES,
      samplingRate: 1,
      unusable: [],
    },
    onFull: options.onFull ?? 'dropNewest',
    journal: openJournal({ setting: options.journal, isJournaled, sink, stream, writer, report, clock }),
    writer,
    lastCall: () => 0,
    statistics,
    book: new LedgerBook(),
    report,
    clock,
  });
}
