import type { Clock } from '@azureml-ts/common';
import type { JournalOptions } from '../collector/options.ts';
import type { WorkspaceIdentity } from '../format/blob-path.ts';
import type { Feature } from '../rows/features.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import type { StorageTarget } from '../storage/storage-target.ts';
import type { CollectorError } from './collector-error.ts';

/** The collection sidecar of a deployment, by its address. */
export interface SidecarTarget {
  /** Host name or address. Default `AZUREML_MDC_HOST`, else `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Port. */
  readonly port: number;
  /** Longest time for one answer, in milliseconds, 1 or more; `Infinity` for no limit. Default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
}

/**
 * Where records go as lines of JSON, in the layout that Azure ML's platform writes: a storage target, and what the files
 * are called.
 *
 * Files are at `modelDataCollector/<endpoint>/<deployment>/<collection>/<yyyy>/<MM>/<dd>/<HH>/<instance>.jsonl` in the
 * container, or below the folder of `{ directory }`.
 */
export type JsonLinesTarget = StorageTarget & {
  /**
   * Name of the container, where the target names none: that of the workspace's default datastore. Default
   * `AML_COLLECTOR_CONTAINER`, else `modeldata`.
   */
  readonly container?: string | undefined;
  /** Name of the online endpoint. Default `SERVICE_NAME`, else `default`. */
  readonly endpointName?: string | undefined;
  /** Name of the deployment. Default `AML_COLLECTOR_DEPLOYMENT`, else `default`. */
  readonly deploymentName?: string | undefined;
  /** Folder in the container, instead of the one by these names. */
  readonly path?: string | undefined;
};

/** Where a collector's records go; see {@link CollectorOptions.sink}. */
export type CollectorSink = 'sidecar' | 'stdout' | SidecarTarget | JsonLinesTarget | RowSink;

/** Options of `Collector`. */
export interface CollectorOptions {
  /** Name of the collection, for example `model_inputs` or `model_outputs`, which monitoring knows by itself. */
  readonly name: string;
  /**
   * Names of the columns, or names with types, in order. Without them records and tables bring their own, and arrays are
   * numbered from 0. A column of floats should have its type: only then whole numbers in it are seen as floats by
   * monitoring.
   */
  readonly columns?: readonly string[] | readonly Feature[] | undefined;
  /** Key of columns with `redact: 'hash'`. Default `AML_MODEL_DC_REDACT_KEY`, else a random key of this process. */
  readonly redactKey?: string | Uint8Array | undefined;
  /**
   * Told of everything that is wrong: each time when the collector is made or `collect` is called, once for each cause from
   * the background. What it throws when the collector is made or `collect` is called reaches the caller, so that
   * `(error) => { throw error; }` does as the Python collector does by default. Without it, trouble is logged once for each
   * cause, and scoring goes on.
   */
  readonly onError?: ((error: CollectorError) => void) | undefined;
  /**
   * Where records go. Default: the storage in `AML_COLLECTOR_STORAGE`; else standard output, when the platform's settings
   * say so (`runMode` `local`, `AZUREML_MDC_LOCAL_CAPTURE`); else the sidecar.
   *
   * | value | meaning |
   * |---|---|
   * | `'sidecar'` | the collection sidecar, at `AZUREML_MDC_HOST` and `AZUREML_MDC_PORT` |
   * | `'stdout'` | a line each on standard output |
   * | `{ host, port }` | the sidecar elsewhere |
   * | a storage target with names | lines of JSON in Blob Storage or a folder: {@link JsonLinesTarget} |
   * | a store of your own | gets the same lines; `MemorySink` for tests |
   */
  readonly sink?: CollectorSink | undefined;
  /**
   * Whether records are collected. Default: what the platform has set; when it has set nothing, whether `sink` or
   * `AML_COLLECTOR_STORAGE` is given.
   */
  readonly enabled?: boolean | undefined;
  /**
   * Share of the records that is kept, 0 to 1, decided by the correlation id, so that both sides of a request are kept or
   * dropped together. Default: what the platform has set, else 1.
   */
  readonly samplingRate?: number | undefined;
  /** Version of the model that the records name. Default `default`, which the Python collector always names. */
  readonly modelVersion?: string | number | undefined;
  /**
   * The workspace that stored records name as part of their source. Default `AZUREML_ARM_SUBSCRIPTION`,
   * `AZUREML_ARM_RESOURCEGROUP` and `AZUREML_ARM_WORKSPACE_NAME` (or `WORKSPACE_NAME`), each `default` when not set.
   */
  readonly workspace?: Partial<WorkspaceIdentity> | undefined;
  /**
   * Longest time that a record waits before it is sent, in milliseconds, 10 to 86,400,000. Default 20 for the sidecar and
   * standard output, 10,000 for storage.
   */
  readonly flushIntervalMs?: number | undefined;
  /** Size at which a batch is sent before its time, in bytes, 1 to 67,108,864. Default 1,048,576; 65,536 for the sidecar. */
  readonly maxBatchBytes?: number | undefined;
  /** Most bytes that wait in memory, 1,024 or more. Default 33,554,432. */
  readonly maxBufferBytes?: number | undefined;
  /** Most records that wait, 1 or more. Default `AZUREML_MDC_QUEUE_CAPACITY`, else no limit but `maxBufferBytes`. */
  readonly maxRecords?: number | undefined;
  /** Which records are dropped when there is no room. Default `dropNewest`. */
  readonly onFull?: 'dropNewest' | 'dropOldest' | undefined;
  /**
   * Whether records survive the end of the process on disk. Default: on for the sidecar and storage, off for standard
   * output and a store of your own; `false` or `AML_MODEL_DC_JOURNAL=false` switches it off.
   */
  readonly journal?: JournalOptions | boolean | undefined;
  /** The time; tests pass their own. */
  readonly clock?: Clock | undefined;
}
