import type { Clock } from '@azureml-ts/common';
import type { StreamIdentity } from '../format/blob-path.ts';
import type { Journal } from '../journal/journal-types.ts';
import { defaultJournalDirectory, RowJournal } from '../journal/row-journal.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import type { CollectorReport } from './collector-report.ts';
import type { JournalOptions } from './options.ts';

const MAX_JOURNAL_BYTES = 268_435_456;

/** What {@link openJournal} needs. */
export interface JournalParts {
  /** The collector's option. */
  readonly setting: JournalOptions | boolean | undefined;
  /** Whether there is a journal unless that or the environment says otherwise. */
  readonly isJournaled: boolean;
  /** Where rows go. */
  readonly sink: RowSink;
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** First part of the ids of the calls. */
  readonly writer: string;
  /** Told of troubles. */
  readonly report: CollectorReport;
  /** The time. */
  readonly clock: Clock;
}

/** Makes the journal of a collector, from its option and `AML_MODEL_DC_JOURNAL`. Nothing is opened yet. */
export function openJournal(parts: JournalParts): Journal | undefined {
  const { sink, stream, writer, report, clock } = parts;
  const variable = process.env['AML_MODEL_DC_JOURNAL']?.trim() ?? '';
  const isOff = /^(false|off|0)$/i.test(variable);
  const setting = parts.setting ?? (isOff ? false : parts.isJournaled);
  if (setting === false) {
    return undefined;
  }
  const given = setting === true ? {} : setting;
  return new RowJournal({
    directory: given.directory ?? (variable === '' || isOff ? defaultJournalDirectory() : variable),
    maxBytes: given.maxBytes ?? MAX_JOURNAL_BYTES,
    storage: sink.name,
    writer,
    stream,
    clock,
    onTrouble: (trouble) => report.journalTrouble(trouble),
  });
}
