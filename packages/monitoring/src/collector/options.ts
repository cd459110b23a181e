import type { Clock } from '@azureml-ts/common';
import type { WorkspaceIdentity } from '../format/blob-path.ts';
import type { StorageTarget } from '../storage/storage-target.ts';
import type { CollectorIssue } from './collector-issue.ts';

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
   * `storage` is given.
   */
  readonly enabled?: boolean | undefined;
  /** Where rows are stored. Default `AML_MODEL_DC_STORAGE`. */
  readonly storage?: StorageTarget | undefined;
  /** Longest time that a row waits before it is sent, in milliseconds, 10 to 86,400,000. Default 10,000; jittered by 10 %. */
  readonly flushIntervalMs?: number | undefined;
  /** Size at which a batch is sent before its time, in bytes, 1 to 67,108,864. Default 1,048,576. */
  readonly maxBatchBytes?: number | undefined;
  /** Most bytes that wait in memory, 1,024 or more. Default 33,554,432. Further rows are dropped and counted. */
  readonly maxBufferBytes?: number | undefined;
  /** Share of the calls that is collected, 0 to 1. Default 1. Both sides of a request are kept or dropped together. */
  readonly samplingRate?: number | undefined;
  /** What `collect` does with input that is not rows. Default `report`: count, report once, go on. */
  readonly onInvalid?: 'report' | 'throw' | undefined;
  /** Told once for each cause of trouble, not once for each row. What it throws is logged and has no other effect. */
  readonly onError?: ((issue: CollectorIssue) => void) | undefined;
  /** The time; tests pass their own. */
  readonly clock?: Clock | undefined;
}
