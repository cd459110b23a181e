import type { FileLayout } from '../files/stream-selection.ts';
import type { CellType } from '../rows/cell-types.ts';

/** What can be generated, in the order in which it is listed. */
export const GENERATE_KINDS = ['pyspark', 'databricks', 'power-bi', 'duckdb', 'pandas', 'lifecycle'] as const;

/**
 * What can be generated.
 *
 * | kind | text | reads |
 * |---|---|---|
 * | `pyspark` | a Python script for Spark 3.5 or newer | a folder, or `abfss://` |
 * | `databricks` | a notebook of Databricks, as a Python source file | `abfss://`, or a folder such as a volume |
 * | `power-bi` | a query of Power Query (M) | the account's blobs, or a folder |
 * | `duckdb` | SQL for DuckDB 1.5 or newer | a folder, or `azure://` |
 * | `pandas` | a Python script for pandas 2 or newer | a folder, or the account through adlfs |
 * | `lifecycle` | the JSON of a lifecycle management policy | the account only |
 */
export type GenerateKind = (typeof GENERATE_KINDS)[number];

/** Options of {@link CollectedData.generate}. */
export interface GenerateOptions {
  /**
   * Types of features. Those that are not named here become what all their values look like; declare names that look like
   * numbers (`zip: 'string'`), and whatever must have one type from the first row on.
   */
  readonly types?: Readonly<Record<string, CellType>> | undefined;
  /**
   * Designation of the rows to join with, by the call and the place in it; `false` for none. Default: `predictions` for
   * `inputs`, else none. Power BI and lifecycle rules have none.
   */
  readonly joinWith?: string | false | undefined;
  /** Types of features of the rows that are joined. */
  readonly joinTypes?: Readonly<Record<string, CellType>> | undefined;
  /**
   * Names of the features where the files have no header, because they were collected without names. Default: `column_1`
   * and so on; the SQL of DuckDB needs them, since it cannot tell a header from a row.
   */
  readonly featureNames?: readonly string[] | undefined;
  /**
   * How files are called: `documented` (`data*.csv`), or `python-v1` as the Python package calls them. Default: that of the
   * stream; `auto`, which the texts cannot be, means `documented`.
   */
  readonly layout?: FileLayout | 'auto' | undefined;
  /**
   * `databricks`: the secret scope that holds `tenant-id`, `client-id` and `client-secret` of a service principal. Default:
   * none; access is then given by an external location of Unity Catalog.
   */
  readonly secretScope?: string | undefined;
  /** `lifecycle`: after so many days without a change, files are deleted, 0 or more. Needed. */
  readonly deleteAfterDays?: number | undefined;
  /**
   * `lifecycle`: after so many days, block blobs go to the cool tier, 0 or more. Default: never. Append blobs, which the
   * collector writes unless it is told otherwise, cannot change their tier.
   */
  readonly coolAfterDays?: number | undefined;
  /** `lifecycle`: whether the rule is for this stream or for everything of the model, all versions and designations. Default `stream`. */
  readonly scope?: 'stream' | 'model' | undefined;
}
