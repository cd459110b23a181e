import type { Clock } from '@azureml-ts/common';
import type { WorkspaceIdentity } from '../format/blob-path.ts';
import type { Feature } from '../rows/features.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import type { StorageTarget } from '../storage/storage-target.ts';
import type { CollectorIssue } from './collector-issue.ts';

/** Where rows are kept on disk until the store has acknowledged them. */
export interface JournalOptions {
  /**
   * Folder of the journals of all collectors of this machine or volume. Default `AML_MODEL_DC_JOURNAL`, else
   * `azureml-ts-journal-<user>` in the system's temporary folder. In a container, mount a volume: a temporary folder
   * ends with it.
   */
  readonly directory?: string | undefined;
  /** Most bytes that one collector keeps on disk, 65,536 or more. Default 268,435,456. */
  readonly maxBytes?: number | undefined;
}

/** Options of `ModelDataCollector`. */
export interface ModelDataCollectorOptions {
  /** Name of the stream of rows, for example `inputs` or `predictions`: one folder of the path. Default `general`. */
  readonly designation?: string | undefined;
  /**
   * The name that `designation` had in early releases of the Python package.
   *
   * @deprecated Use `designation`.
   */
  readonly identifier?: string | undefined;
  /**
   * Names of the features, in column order. Without them, rows given as arrays get no header and records give their
   * keys.
   */
  readonly featureNames?: readonly string[] | undefined;
  /** The features with their types, and what is to be left out or hidden; instead of `featureNames`. */
  readonly features?: readonly Feature[] | undefined;
  /**
   * Key of the features with `redact: 'hash'`: the same key gives the same hash, also in another process. Never stored or
   * shown. Default `AML_MODEL_DC_REDACT_KEY`, else a random key of this process, which is said once.
   */
  readonly redactKey?: string | Uint8Array | undefined;
  /**
   * The workspace in the path. Default `AZUREML_ARM_SUBSCRIPTION`, `AZUREML_ARM_RESOURCEGROUP` and
   * `AZUREML_ARM_WORKSPACE_NAME` (or `WORKSPACE_NAME`), each `default` when not set.
   */
  readonly workspace?: Partial<WorkspaceIdentity> | undefined;
  /** Name of the web service in the path. Default `SERVICE_NAME`, else `default`. */
  readonly webserviceName?: string | undefined;
  /** Version of the model in the path. Default the version in `AZUREML_MODEL_DIR`, else `default`. */
  readonly modelVersion?: string | number | undefined;
  /**
   * Whether rows are collected. Default: `AML_MODEL_DC_STORAGE_ENABLED` is `true`; when that variable is not set, whether
   * `storage` or `sink` is given.
   */
  readonly enabled?: boolean | undefined;
  /** Where rows are stored. Default `AML_MODEL_DC_STORAGE`. */
  readonly storage?: StorageTarget | undefined;
  /**
   * How files are called and written. Default `documented`.
   *
   * `python-v1`: as the Python package azureml-monitoring writes them, byte for byte, so that a Node service can take the
   * place of a Python one, or stand beside it: `inputs.csv`, eight columns of the call, the text of Python for numbers,
   * booleans and times, block blobs by the protocol of that package. The workspace in the path is in lower case, and
   * `AML_MODEL_DC_BOUNDARY=hour` gives each hour a folder. See docs/guide/collecting.md.
   */
  readonly layout?: 'documented' | 'python-v1' | undefined;
  /**
   * Name of the collection in the layout `python-v1`: that of the file for signals, general and designations of your own.
   * Inputs, predictions and labels have files that are called like them. Default `default`.
   */
  readonly collectionName?: string | undefined;
  /** A store of your own, instead of `storage`; `MemorySink` for tests. */
  readonly sink?: RowSink | undefined;
  /**
   * Kind of the blobs. `append` (default): one request an append. `block`: for readers that cannot read append blobs, at
   * three requests an append. In the layout `python-v1` they are block blobs in any case, at five requests an append.
   */
  readonly blobType?: 'append' | 'block' | undefined;
  /**
   * Whether this instance has files of its own (`data-r<instance>.csv`, named by `HOSTNAME`), so that many replicas do not
   * share the 50,000 blocks of one blob. Default `false`. A text names the instance.
   */
  readonly filePerReplica?: boolean | string | undefined;
  /**
   * Longest time that a row waits before it is sent, in milliseconds, 10 to 86,400,000. Default
   * `AML_MODEL_DC_STORAGE_FLUSH_WINDOW_LENGTH` (minutes), else 10,000. Jittered by 10 %, and longer when the blocks of the
   * day's blob would run out.
   */
  readonly flushIntervalMs?: number | undefined;
  /** Size at which a batch is sent before its time, in bytes, 1 to 67,108,864. Default 1,048,576. */
  readonly maxBatchBytes?: number | undefined;
  /**
   * Most bytes that wait in memory, 1,024 or more. Default `AML_MODEL_DC_STORAGE_MAX_SINGLE_BUFFER_SIZE`, else 33,554,432.
   */
  readonly maxBufferBytes?: number | undefined;
  /** Which rows are dropped, and counted as `bufferFull`, when memory is full. Default `dropNewest`. */
  readonly onFull?: 'dropNewest' | 'dropOldest' | undefined;
  /** Share of the calls that is collected, 0 to 1. Default 1. Both sides of a request are kept or dropped together. */
  readonly samplingRate?: number | undefined;
  /**
   * Whether rows survive the end of the process on disk. Default: on for `storage`, off for a `sink` of your own; `false`
   * or `AML_MODEL_DC_JOURNAL=false` switches it off.
   */
  readonly journal?: JournalOptions | boolean | undefined;
  /** What `collect` does with input that is not rows. Default `report`: count, report once, go on. */
  readonly onInvalid?: 'report' | 'throw' | undefined;
  /** Told once for each cause of trouble, not once for each row. What it throws is logged and has no other effect. */
  readonly onError?: ((issue: CollectorIssue) => void) | undefined;
  /** The time; tests pass their own. */
  readonly clock?: Clock | undefined;
}
