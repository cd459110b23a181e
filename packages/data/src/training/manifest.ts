import type { JsonValue } from '@azureml-ts/common';
import type { SourceWatch } from '../join/source-watch.ts';
import type { ColumnType } from '../rows/column-batch.ts';
import type { WrittenFile } from '../store/file-sink.ts';
import type { PlannedColumn } from './columns.ts';
import type { TrainingColumnSource, TrainingSetOptions } from './training-options.ts';

/** Something that a training set was made of. */
export interface TrainingSource {
  /** What it was: the left or right side of the join, or the labels. */
  readonly role: 'left' | 'right' | 'labels';
  /** Where collected rows are, without secrets; `null` for labels that came as a file or as records. */
  readonly place: string | null;
  /** The stream's workspace, service, model, version and designation; `null` as above. */
  readonly stream: JsonValue;
  /** First UTC day that was asked for; `null` where open. */
  readonly from: string | null;
  /** Last UTC day that was asked for; `null` where open. */
  readonly to: string | null;
  /**
   * Files that were read: `bytes` and `sha256` of what was read of them, and of a blob its `etag`. A large blob is read in
   * ranges: it has only its etag, and the size that it had when it was listed.
   */
  readonly files: readonly {
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string | null;
    readonly etag: string | null;
  }[];
  /** Number of labels that came as records; else `null`. */
  readonly records: number | null;
}

/** What `manifest.json` of a training set holds. */
export interface TrainingManifest {
  /** Always `azureml-ts-training-set`. */
  readonly format: 'azureml-ts-training-set';
  /** Raised when a reader would have to change. */
  readonly formatVersion: 1;
  /** What wrote it. */
  readonly library: { readonly name: string; readonly version: string };
  /** When it was written, ISO 8601 UTC; the only part that differs between two sets of the same rows and options. */
  readonly createdAt: string;
  /** What it was made of. */
  readonly sources: readonly TrainingSource[];
  /** How rows were put together: `how`, `orderBy`, and of labels `labelsOn`, `labelsRowId`, `labelsHow`, `labelDuplicates`. */
  readonly join: Readonly<Record<string, string | null>>;
  /** Counts of rows. */
  readonly rows: {
    /** Rows that were written, of all files. */
    readonly written: number;
    /** What was read and what was left out, by reason; zeros too. */
    readonly read: Readonly<Record<string, number>>;
    readonly dropped: Readonly<Record<string, number>>;
    /** First and last scoring time of the rows that were written, ISO 8601 UTC. */
    readonly firstScoredAt: string | null;
    readonly lastScoredAt: string | null;
  };
  /** The columns in their order. */
  readonly schema: readonly {
    readonly name: string;
    readonly type: ColumnType;
    /** Where the column comes from, and its name there. */
    readonly from: TrainingColumnSource;
    readonly sourceName: string;
  }[];
  /** Shares and the id that decides; `null` without a split. */
  readonly split: { readonly by: string; readonly parts: Readonly<Record<string, number>> } | null;
  /** The files. */
  readonly files: readonly {
    readonly path: string;
    /** Name of the part, `data` without a split. */
    readonly part: string;
    readonly rows: number;
    readonly bytes: number;
    /** SHA-256 of the file, lower-case hexadecimal. */
    readonly sha256: string;
  }[];
  /** Options that were given, but for those above. */
  readonly options: JsonValue;
}

/** The sources, as far as they can be told without secrets. */
export function sourcesOf(watch: SourceWatch): TrainingSource[] {
  return watch.sources
    .map(({ role, place, stream, range, files, records }) => ({
      role,
      place: place ?? null,
      stream: (stream ?? null) as JsonValue,
      from: range?.from ?? null,
      to: range?.to ?? null,
      files: files.map(({ path, bytes, sha256, etag }) => ({
        path,
        bytes,
        sha256: sha256 === '' ? null : sha256,
        etag: etag ?? null,
      })),
      records: records ?? null,
    }))
    .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role));
}

const ROLES = ['left', 'right', 'labels'];

/** The columns, for the manifest. */
export function schemaOf(columns: readonly PlannedColumn[]): TrainingManifest['schema'] {
  return columns.map(({ name, type, from, sourceName }) => ({ name, type, from, sourceName }));
}

/** The options, for the manifest. */
export function optionsOf({ format, columns, labelColumn, callColumns }: TrainingSetOptions): JsonValue {
  return {
    format: format ?? 'csv',
    columns: (columns ?? null) as JsonValue,
    labelColumn: labelColumn ?? null,
    callColumns: callColumns ?? false,
  };
}

/** A file that was written, for the manifest. */
export function fileOf(
  { path, bytes, sha256 }: WrittenFile,
  part: string,
  rows: number,
): TrainingManifest['files'][number] {
  return { path, part, rows, bytes, sha256 };
}
